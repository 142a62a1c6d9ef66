#include "convscope/graph/loss_operation.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/loss_rows.h"

namespace convscope {
namespace {

struct KindNames {
  std::string_view name, type;
};

constexpr KindNames kKinds[] = {
    {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"},
    {"categorical_crossentropy", "CategoricalCrossentropy"},
    {"binary_crossentropy", "BinaryCrossentropy"},
    {"mean_squared_error", "MeanSquaredError"},
    {"mean_absolute_error", "MeanAbsoluteError"},
    {"huber", "Huber"},
    {"hinge", "Hinge"},
    {"kl_divergence", "KLDivergence"},
};

// A few microseconds: a value costs an exponential or a logarithm.
constexpr int64_t kGrain = int64_t{1} << 12;  // values

struct LossShape {
  int64_t samples, positions, classes;  // of p (N, ..., C)
  explicit LossShape(const Shape& p) : samples(p[0]), classes(p.back()) {
    positions = 1;
    for (int i = 1; i + 1 < p.rank(); ++i) positions *= p[i];
  }
  int64_t rows() const { return samples * positions; }
};

// Calls body(rows, begin, end, scratch) for ranges of rows.
template <typename T, typename Body>
void ForRows(const LossOp& op, const LossShape& shape, std::span<const void* const> inputs, const Body& body) {
  const LossRows<T> rows(op, shape.rows(), shape.classes, shape.positions, inputs[0], inputs[1]);
  ParallelRanges(shape.rows(), kGrain / shape.classes + 1, [&](int64_t begin, int64_t end) {
    LossScratch<T> scratch(shape.classes);
    body(rows, begin, end, scratch);
  });
}

template <typename T>
void Losses(const LossOp& op, const LossShape& shape, std::span<const void* const> inputs, void* output,
            std::vector<double>& of_rows) {
  ForRows<T>(op, shape, inputs, [&](const auto& rows, int64_t begin, int64_t end, auto& scratch) {
    for (int64_t row = begin; row < end; ++row) of_rows[row] = rows.Loss(row, scratch);
  });
  const T* weights = inputs.size() > 2 ? static_cast<const T*>(inputs[2]) : nullptr;
  for (int64_t n = 0; n < shape.samples; ++n) {
    double sum = 0;
    for (int64_t i = 0; i < shape.positions; ++i) sum += of_rows[n * shape.positions + i];
    sum /= static_cast<double>(shape.positions);
    static_cast<T*>(output)[n] = static_cast<T>(weights ? sum * weights[n] : sum);
  }
}

template <typename T>
void Gradients(const LossOp& op, const LossShape& shape, std::span<const void* const> inputs, void* output) {
  const T* weights = inputs.size() > 3 ? static_cast<const T*>(inputs[2]) : nullptr;
  const T* seeds = static_cast<const T*>(inputs.back());
  ForRows<T>(op, shape, inputs, [&](const auto& rows, int64_t begin, int64_t end, auto& scratch) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t n = row / shape.positions;
      const T seed = (weights ? seeds[n] * weights[n] : seeds[n]) / static_cast<T>(shape.positions);
      rows.Gradient(row, seed, static_cast<T*>(output) + row * shape.classes, scratch);
    }
  });
}

void CheckOptions(const LossOp& op) {
  const auto refuse = [](std::string rule, std::string received) {
    throw Error({.rule = std::move(rule), .received = std::move(received)});
  };
  const std::string kind(Name(op.kind));
  const bool categorical =
      op.kind == LossKind::kSparseCategoricalCrossEntropy || op.kind == LossKind::kCategoricalCrossEntropy;
  const bool smooths = categorical || op.kind == LossKind::kBinaryCrossEntropy;
  if (op.from_logits && !smooths) refuse("only a cross-entropy is taken from logits", kind);
  if (!(op.label_smoothing >= 0 && op.label_smoothing < 1)) {
    refuse("label smoothing is at least 0 and below 1", ShortestText(op.label_smoothing));
  }
  if (op.label_smoothing > 0 && !smooths) refuse("only the targets of a cross-entropy are smoothed", kind);
  if (!(op.delta > 0)) refuse("delta is above 0", ShortestText(op.delta));
  if (op.delta != 1 && op.kind != LossKind::kHuber) refuse("delta is for huber alone", kind);
}

void CheckTypes(const LossOp& op, std::span<const TensorType> inputs) {
  CheckInputCount(inputs, 2, 3);
  const TensorType& p = inputs[0];
  CheckFloating(inputs.first(1));
  const auto lengths = p.shape.lengths();
  if (lengths.size() < 2 || std::any_of(lengths.begin() + 1, lengths.end(), [](int64_t n) { return n == 0; })) {
    throw Error({.rule = "the prediction is (N, ..., C)", .received = p.ToString()});
  }
  std::vector<TensorType> wanted = {p};
  if (op.kind == LossKind::kSparseCategoricalCrossEntropy) {
    std::vector<int64_t> of_labels(lengths.begin(), lengths.end());
    of_labels.back() = 1;
    wanted = {{Shape(lengths.first(lengths.size() - 1)), DType::kInt32}, {Shape(of_labels), DType::kInt32}};
  }
  if (std::find(wanted.begin(), wanted.end(), inputs[1]) == wanted.end()) {
    throw Error({.rule = Concat("for a prediction ", p.ToString(), " the target is ", wanted[0].ToString()),
                 .received = inputs[1].ToString()});
  }
  const TensorType weights{{p.shape[0]}, p.dtype};
  if (inputs.size() == 3 && inputs[2] != weights) {
    throw Error({.rule = "the weights of the samples are " + weights.ToString(), .received = inputs[2].ToString()});
  }
}

std::vector<Attribute> AttributesOf(const LossOp& op) {
  std::vector<Attribute> list;
  if (op.from_logits) list.push_back({"from_logits", true});
  if (op.label_smoothing > 0) list.push_back({"label_smoothing", op.label_smoothing});
  if (op.kind == LossKind::kHuber) list.push_back({"delta", op.delta});
  return list;
}

// Inputs: those of the loss, and the gradient of its output (N,). Output: the gradient of the prediction.
class LossGradientOperation : public Operation {
 public:
  explicit LossGradientOperation(const LossOp& op)
      : op_(op), type_(std::string(kKinds[static_cast<int>(op.kind)].type) + "Gradient") {}

  std::string_view type() const override { return type_; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 4);
    CheckTypes(op_, inputs.first(inputs.size() - 1));
    return {inputs[0]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, shape = LossShape(inputs[0].shape), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      dtype == DType::kFloat32 ? Gradients<float>(op, shape, from, to[0]) : Gradients<double>(op, shape, from, to[0]);
    });
  }

 private:
  LossOp op_;
  std::string type_;
};

class LossOperation : public Operation {
 public:
  explicit LossOperation(const LossOp& op) : op_(op) {}

  std::string_view type() const override { return kKinds[static_cast<int>(op_.kind)].type; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckOptions(op_);
    CheckTypes(op_, inputs);
    return {{{inputs[0].shape[0]}, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const LossShape shape(inputs[0].shape);
    return PreparedFrom([op = op_, shape, dtype = inputs[0].dtype, of_rows = std::vector<double>(shape.rows())](
                            std::span<const void* const> from, std::span<void* const> to) mutable {
      dtype == DType::kFloat32 ? Losses<float>(op, shape, from, to[0], of_rows)
                               : Losses<double>(op, shape, from, to[0], of_rows);
    });
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(node.inputs.size());
    if (node.names[0].empty()) return gradients;
    std::vector<std::string> inputs = node.inputs;
    inputs.push_back(node.output_gradients[0]);
    node.builder.Add(node.names[0], std::make_shared<LossGradientOperation>(op_), inputs);
    gradients[0] = node.names[0];
    return gradients;
  }

 private:
  LossOp op_;
};

}  // namespace

std::string_view Name(LossKind kind) {
  return kKinds[static_cast<int>(kind)].name;
}

std::vector<std::string> LossNames() {
  std::vector<std::string> names;
  for (const KindNames& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

LossKind ParseLossKind(std::string_view name) {
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i].name == name) return static_cast<LossKind>(i);
  }
  std::string all;
  for (const std::string& known : LossNames()) all += (all.empty() ? "" : ", ") + known;
  throw Error({.where = "loss",
               .rule = "there are " + all,
               .received = Concat('"', name, '"'),
               .fix = DidYouMean(name, LossNames())});
}

LossOp::operator OperationPtr() const {
  return std::make_shared<LossOperation>(*this);
}

}  // namespace convscope
