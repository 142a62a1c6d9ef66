#include "convscope/train/penalty_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"

namespace convscope {
namespace {

// Elements that are summed together, whatever the number of threads: some microseconds of work.
constexpr int64_t kPiece = int64_t{1} << 14;

std::vector<Attribute> AttributesOf(const PenaltyOp& op) {
  return {{"l1", op.l1}, {"l2", op.l2}, {"per_sample", op.per_sample}};
}

// One row a sample, or one in all.
struct Rows {
  int64_t count = 1, length = 0, pieces = 1;

  Rows(const PenaltyOp& op, const Shape& shape)
      : count(op.per_sample ? shape[0] : 1),
        length(count == 0 ? 0 : shape.NumElements() / count),
        pieces(std::max<int64_t>(1, (length + kPiece - 1) / kPiece)) {}

  // Calls body(row, piece, begin, end) for the elements of each piece.
  template <typename Body>
  void ForEachPiece(const Body& body) const {
    const int64_t grain = std::max<int64_t>(1, kPiece / std::max<int64_t>(1, length));
    ParallelRanges(count * pieces, grain, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t row = i / pieces, begin = i % pieces * kPiece;
        body(row, i, row * length + begin, row * length + std::min(begin + kPiece, length));
      }
    });
  }
};

template <typename T>
void Penalties(const PenaltyOp& op, const Rows& rows, const T* x, T* y, std::vector<double>& sums) {
  rows.ForEachPiece([&](int64_t, int64_t piece, int64_t begin, int64_t end) {
    double absolute = 0, squares = 0;
    for (int64_t i = begin; i < end; ++i) {
      const auto value = static_cast<double>(x[i]);
      absolute += std::abs(value);
      squares += value * value;
    }
    // A term that is switched off is not multiplied with: 0 times infinity is no penalty.
    sums[static_cast<size_t>(piece)] = (op.l1 == 0 ? 0 : op.l1 * absolute) + (op.l2 == 0 ? 0 : op.l2 * squares);
  });
  for (int64_t row = 0; row < rows.count; ++row) {
    double sum = 0;
    for (int64_t i = 0; i < rows.pieces; ++i) sum += sums[static_cast<size_t>(row * rows.pieces + i)];
    y[row] = static_cast<T>(sum);
  }
}

template <typename T>
void PenaltyGradients(const PenaltyOp& op, const Rows& rows, const T* x, const T* output_gradient, T* input_gradient) {
  const T l1 = static_cast<T>(op.l1), twice_l2 = static_cast<T>(2 * op.l2);
  rows.ForEachPiece([&](int64_t row, int64_t, int64_t begin, int64_t end) {
    const T seed = output_gradient[row];
    for (int64_t i = begin; i < end; ++i) {
      const T sign = x[i] > 0 ? T{1} : x[i] < 0 ? T{-1} : x[i] * 0;
      input_gradient[i] = seed * (l1 * sign + twice_l2 * x[i]);
    }
  });
}

// Inputs: x and the gradient of the penalty.
class PenaltyGradientOperation : public Operation {
 public:
  explicit PenaltyGradientOperation(const PenaltyOp& op) : op_(op) {}

  std::string_view type() const override { return "PenaltyGradient"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, rows = Rows(op_, inputs[0].shape), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto gradients = [&]<typename T>(T* result) {
        PenaltyGradients(op, rows, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]), result);
      };
      dtype == DType::kFloat64 ? gradients(static_cast<double*>(to[0])) : gradients(static_cast<float*>(to[0]));
    });
  }

 private:
  PenaltyOp op_;
};

class PenaltyOperation : public Operation {
 public:
  explicit PenaltyOperation(const PenaltyOp& op) : op_(op) {}

  std::string_view type() const override { return "Penalty"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    if (op_.per_sample && inputs[0].shape.rank() == 0) {
      throw Error({.rule = "the first axis counts the samples", .received = inputs[0].ToString()});
    }
    return {{{op_.per_sample ? inputs[0].shape[0] : 1}, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Rows rows(op_, inputs[0].shape);
    std::vector<double> sums(static_cast<size_t>(rows.count * rows.pieces));
    return PreparedFrom([op = op_, rows, sums = std::move(sums), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) mutable {
      const auto penalties = [&]<typename T>(T* result) {
        Penalties(op, rows, static_cast<const T*>(from[0]), result, sums);
      };
      dtype == DType::kFloat64 ? penalties(static_cast<double*>(to[0])) : penalties(static_cast<float*>(to[0]));
    });
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.names[0].empty()) return {""};
    node.builder.Add(node.names[0], std::make_shared<PenaltyGradientOperation>(op_),
                     {node.inputs[0], node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  PenaltyOp op_;
};

}  // namespace

PenaltyOp::operator OperationPtr() const {
  return std::make_shared<PenaltyOperation>(*this);
}

}  // namespace convscope
