#include "convscope/graph/layer_normalization_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/partial_sums.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 14;  // elements: some microseconds of work

// x as rows that are normalized, each by itself.
struct Rows {
  int64_t count = 1, length = 1;
};

int Axis(const LayerNormalizationOp& op, const Shape& x) {
  return static_cast<int>(op.axis < 0 ? op.axis + x.rank() : op.axis);
}

Rows RowsOf(const LayerNormalizationOp& op, const Shape& x) {
  Rows rows;
  for (int i = 0; i < x.rank(); ++i) (i < Axis(op, x) ? rows.count : rows.length) *= x[i];
  return rows;
}

// `inputs`: x and the parameters.
void Check(const LayerNormalizationOp& op, std::span<const TensorType> inputs) {
  const size_t count = 1 + size_t{op.scale} + size_t{op.center};
  CheckInputCount(inputs, count, count);
  CheckFloating(inputs);
  const Shape& x = inputs[0].shape;
  const int axis = Axis(op, x);
  if (axis < 0 || axis >= x.rank()) {
    throw Error({.rule = Concat("the axis is one of ", x.ToString(), ", ", -x.rank(), " to ", x.rank() - 1),
                 .received = std::to_string(op.axis)});
  }
  const Rows rows = RowsOf(op, x);
  if (rows.length == 0) throw Error({.rule = "a run has a value to take the mean of", .received = x.ToString()});
  if (!(op.epsilon > 0)) throw Error({.rule = "epsilon is above 0", .received = ShortestText(op.epsilon)});
  const Shape lengths(x.lengths().subspan(axis));
  for (const TensorType& parameter : inputs.subspan(1)) {
    if (parameter.shape == lengths || parameter.shape == Shape{rows.length}) continue;
    throw Error({.rule = Concat("for an input ", x.ToString(), " each parameter is ", lengths.ToString()),
                 .received = parameter.shape.ToString()});
  }
}

struct Statistics {
  double mean, inverse;  // 1 / sqrt(variance + epsilon)
};

template <typename T>
Statistics StatisticsOf(const T* x, int64_t length, double epsilon) {
  const auto n = static_cast<double>(length);
  const double mean = PartialSums(length, [&](int64_t i) { return x[i]; }) / n;
  const double variance = PartialSums(length, [&](int64_t i) { return (x[i] - mean) * (x[i] - mean); }) / n;
  return {mean, 1 / std::sqrt(variance + epsilon)};
}

// gamma and beta may be null.
template <typename T>
void Normalize(double epsilon, const Rows& rows, const T* x, const T* gamma, const T* beta, T* y) {
  ParallelRanges(rows.count, kGrain / rows.length + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* from = x + row * rows.length;
      T* to = y + row * rows.length;
      const Statistics statistics = StatisticsOf(from, rows.length, epsilon);
      const T mean = static_cast<T>(statistics.mean), inverse = static_cast<T>(statistics.inverse);
      for (int64_t i = 0; i < rows.length; ++i) to[i] = (from[i] - mean) * inverse;
      if (gamma) {
        for (int64_t i = 0; i < rows.length; ++i) to[i] *= gamma[i];
      }
      if (beta) {
        for (int64_t i = 0; i < rows.length; ++i) to[i] += beta[i];
      }
    }
  });
}

// With h = (x - mean) r and g the gradient of y, r = 1 / sqrt(variance + epsilon):
//   dx = r (g gamma - mean(g gamma) - h mean(g gamma h)),  dgamma = sum over rows of g h,  dbeta = sum over rows of g.
// Any of dx, dgamma, dbeta may be null. Statistics are computed again: that is cheaper than keeping them.
template <typename T>
void Gradients(double epsilon, const Rows& rows, const T* g, const T* x, const T* gamma, T* dx, T* dgamma, T* dbeta) {
  const int64_t length = rows.length;
  const int64_t pieces = std::clamp<int64_t>(rows.count * length / kGrain, 1, std::clamp<int64_t>(rows.count, 1, 16));
  const bool sums_wanted = dgamma || dbeta;
  std::vector<double> sums(sums_wanted ? 2 * length * pieces : 0);
  ParallelFor(pieces, [&](int64_t piece) {
    double* of_gamma = sums.data() + 2 * length * piece;
    double* of_beta = of_gamma + length;
    for (int64_t row = rows.count * piece / pieces; row < rows.count * (piece + 1) / pieces; ++row) {
      const T *seed = g + row * length, *value = x + row * length;
      const Statistics statistics = StatisticsOf(value, length, epsilon);
      const T mean = static_cast<T>(statistics.mean), inverse = static_cast<T>(statistics.inverse);
      const auto normal = [&](int64_t i) { return (value[i] - mean) * inverse; };
      if (sums_wanted) {
        for (int64_t i = 0; i < length; ++i) of_gamma[i] += seed[i] * normal(i);
        for (int64_t i = 0; i < length; ++i) of_beta[i] += seed[i];
      }
      if (!dx) continue;
      T* to = dx + row * length;
      if (gamma) {
        for (int64_t i = 0; i < length; ++i) to[i] = seed[i] * gamma[i];
      } else {
        std::copy(seed, seed + length, to);
      }
      const auto n = static_cast<double>(length);
      const T first = static_cast<T>(PartialSums(length, [&](int64_t i) { return to[i]; }) / n);
      const T second = static_cast<T>(PartialSums(length, [&](int64_t i) { return to[i] * normal(i); }) / n);
      for (int64_t i = 0; i < length; ++i) to[i] = inverse * (to[i] - first - normal(i) * second);
    }
  });
  const auto put = [&](T* to, int64_t first) {
    for (int64_t i = 0; to && i < length; ++i) {
      double sum = 0;
      for (int64_t piece = 0; piece < pieces; ++piece) sum += sums[2 * length * piece + first + i];
      to[i] = static_cast<T>(sum);
    }
  };
  put(dgamma, 0);
  put(dbeta, length);
}

std::vector<Attribute> AttributesOf(const LayerNormalizationOp& op) {
  return {{"axis", op.axis}, {"epsilon", op.epsilon}, {"center", op.center}, {"scale", op.scale}};
}

// Inputs: the gradient of y, and the inputs of the node. Outputs: gradients of those, as `wanted` has them.
class LayerNormalizationGradient : public Operation {
 public:
  LayerNormalizationGradient(const LayerNormalizationOp& op, std::vector<bool> wanted)
      : op_(op), wanted_(std::move(wanted)) {}

  std::string_view type() const override { return "LayerNormalizationGradient"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 4);
    Check(op_, inputs.subspan(1));
    std::vector<TensorType> types;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i]) types.push_back(inputs[i + 1]);
    }
    return types;
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, rows = RowsOf(op_, inputs[1].shape), wanted = wanted_, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      void* targets[3] = {};  // of x, gamma, beta
      for (size_t i = 0, k = 0; i < wanted.size(); ++i) {
        if (wanted[i]) targets[i > 0 && !op.scale ? i + 1 : i] = to[k++];
      }
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        Gradients(op.epsilon, rows, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                  op.scale ? static_cast<const T*>(from[2]) : nullptr, static_cast<T*>(targets[0]),
                  static_cast<T*>(targets[1]), static_cast<T*>(targets[2]));
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  LayerNormalizationOp op_;
  std::vector<bool> wanted_;
};

class LayerNormalizationOperation : public Operation {
 public:
  explicit LayerNormalizationOperation(const LayerNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "LayerNormalization"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    Check(op_, inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, rows = RowsOf(op_, inputs[0].shape), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        Normalize(op.epsilon, rows, static_cast<const T*>(from[0]), op.scale ? static_cast<const T*>(from[1]) : nullptr,
                  op.center ? static_cast<const T*>(from.back()) : nullptr, static_cast<T*>(to[0]));
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& shape = inputs[0].shape;
    InputReads x{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < shape.rank(); ++i) {
      x.axes.push_back(i < Axis(op_, shape) ? AxisReads::Same(i) : AxisReads::All(shape[i]));
    }
    std::vector<InputReads> reads(inputs.size());
    reads[0] = std::move(x);
    return reads;
  }

  // The mean is that of the values of the run; each rounding of it moves x - mean.
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Rows rows = RowsOf(op_, inputs[0]->shape());
    const int64_t first = element / rows.length * rows.length, place = element - first;
    std::vector<double> run(static_cast<size_t>(rows.length));
    for (int64_t i = 0; i < rows.length; ++i) run[i] = ElementOf(*inputs[0], first + i);
    const Statistics statistics = StatisticsOf(run.data(), rows.length, op_.epsilon);
    const double gamma = op_.scale ? ElementOf(*inputs[1], place) : 1, weight = gamma * statistics.inverse;
    Arithmetic sum{.formula = "(x - mean) * gamma / sqrt(variance + epsilon) + beta",
                   .terms = {TermOf(inputs, 0, element, weight), {.value = statistics.mean, .weight = -weight}},
                   .window = Shape{2},
                   .numbers = {{"values in the run", static_cast<double>(rows.length)},
                               {"mean", statistics.mean},
                               {"1 / sqrt(variance + epsilon)", statistics.inverse},
                               {"gamma", gamma}},
                   .through = 0};
    if (op_.center) sum.offsets.push_back(TermOf(inputs, static_cast<int>(inputs.size()) - 1, place));
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> inputs = {node.output_gradients[0]}, outputs;
    inputs.insert(inputs.end(), node.inputs.begin(), node.inputs.end());
    std::vector<bool> wanted;
    for (const std::string& name : node.names) {
      wanted.push_back(!name.empty());
      if (wanted.back()) outputs.push_back(name);
    }
    node.builder.Add(outputs[0], std::make_shared<LayerNormalizationGradient>(op_, wanted), inputs, outputs);
    return node.names;
  }

 private:
  LayerNormalizationOp op_;
};

}  // namespace

LayerNormalizationOp::operator OperationPtr() const {
  return std::make_shared<LayerNormalizationOperation>(*this);
}

}  // namespace convscope
