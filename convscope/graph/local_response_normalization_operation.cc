#include "convscope/graph/local_response_normalization_operation.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/reference/local_response.h"

namespace convscope {
namespace {

using Op = LocalResponseNormalizationOp;

void Check(const Op& op, std::span<const TensorType> inputs) {
  CheckFloating(inputs);
  if (inputs[0].shape.rank() < 2) throw Error({.rule = "the input is (N, ..., C)", .received = inputs[0].ToString()});
  if (op.size < 1 || op.size > Shape::kMaxElements) {
    throw Error({.rule = "the size of a window is at least 1 channel", .received = std::to_string(op.size)});
  }
  if (!(op.bias > 0 && op.alpha >= 0)) {
    throw Error({.rule = "bias is above 0 and alpha is not below",
                 .received = Concat("bias ", ShortestText(op.bias), ", alpha ", ShortestText(op.alpha))});
  }
}

std::vector<Attribute> AttributesOf(const Op& op) {
  return {{"size", op.size}, {"alpha", op.alpha}, {"beta", op.beta}, {"bias", op.bias}};
}

// Calls body(spec, rows, channels, inputs, output, zero of the inputs' type).
template <typename Body>
std::unique_ptr<PreparedOperation> PrepareBy(const Op& op, const TensorType& x, const Body& body) {
  const int64_t channels = x.shape.back();
  return PreparedFrom([spec = LocalResponse{op.size, op.alpha, op.beta, op.bias}, channels,
                       rows = channels > 0 ? x.shape.NumElements() / channels : 0, dtype = x.dtype,
                       body](std::span<const void* const> from, std::span<void* const> to) {
    if (rows == 0) return;
    dtype == DType::kFloat32 ? body(spec, rows, channels, from, to[0], 0.0f)
                             : body(spec, rows, channels, from, to[0], 0.0);
  });
}

// Inputs: the gradient of y, and x. Output: the gradient of x.
class LocalResponseNormalizationGradient : public Operation {
 public:
  explicit LocalResponseNormalizationGradient(const Op& op) : op_(op) {}

  std::string_view type() const override { return "LRNGradient"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    Check(op_, inputs);
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareBy(op_, inputs[1],
                     [](const LocalResponse& spec, int64_t rows, int64_t channels, std::span<const void* const> from,
                        void* to, auto zero) {
                       using T = decltype(zero);
                       using reference::LocalResponseGradient;
                       using convscope::LocalResponseGradient;
                       LocalResponseGradient(spec, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]), rows,
                                             channels, static_cast<T*>(to));
                     });
  }

 private:
  Op op_;
};

class LocalResponseNormalizationOperation : public Operation {
 public:
  explicit LocalResponseNormalizationOperation(const Op& op) : op_(op) {}

  std::string_view type() const override { return "LRN"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    Check(op_, inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareBy(op_, inputs[0],
                     [](const LocalResponse& spec, int64_t rows, int64_t channels, std::span<const void* const> from,
                        void* to, auto zero) {
                       using T = decltype(zero);
                       using reference::NormalizeLocalResponse;
                       using convscope::NormalizeLocalResponse;
                       NormalizeLocalResponse(spec, static_cast<const T*>(from[0]), rows, channels,
                                              static_cast<T*>(to));
                     });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& shape = inputs[0].shape;
    const LocalResponse spec{op_.size, op_.alpha, op_.beta, op_.bias};
    InputReads x{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i + 1 < shape.rank(); ++i) x.axes.push_back(AxisReads::Same(i));
    std::vector<std::vector<int64_t>> windows(static_cast<size_t>(shape.back()));
    for (int64_t c = 0; c < shape.back(); ++c) {
      const int64_t last = std::min(shape.back() - 1, c + spec.after());
      for (int64_t i = std::max<int64_t>(0, c - spec.before()); i <= last; ++i) windows[c].push_back(i);
    }
    x.axes.push_back(AxisReads::By(shape.rank() - 1, std::move(windows)));
    return {std::move(x)};
  }

  // Off by a rounding a term of the sum of squares, eight of the power, as the kernel's test has it.
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const LocalResponse spec{op_.size, op_.alpha, op_.beta, op_.bias};
    const int64_t channels = inputs[0]->shape().back(), row = element / channels, c = element % channels;
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = Concat("x / (", ShortestText(op_.bias), " + ", ShortestText(op_.alpha), " / ",
                                        op_.size, " * sum of squares)^", ShortestText(op_.beta))};
    double squares = 0;
    const int64_t last = std::min(channels - 1, c + spec.after());
    for (int64_t i = std::max<int64_t>(0, c - spec.before()); i <= last; ++i) {
      if (i == c) result.through = result.terms.size();
      result.terms.push_back(TermOf(inputs, 0, row * channels + i));
      squares += result.terms.back().value * result.terms.back().value;
    }
    const double divisor = op_.bias + op_.alpha / static_cast<double>(op_.size) * squares;
    const double power = std::pow(divisor, op_.beta);
    const auto count = static_cast<int64_t>(result.terms.size());
    result.window = Shape{count};
    result.numbers = {{"sum of squares", squares}, {"divisor", power}};
    result.value = result.terms[*result.through].value / power;
    result.tolerance =
        static_cast<double>(count + 8) * UnitRoundoff(inputs[0]->dtype()) * 3 * std::abs(result.value) + 0x1p-126;
    return result;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], std::make_shared<LocalResponseNormalizationGradient>(op_),
                     {node.output_gradients[0], node.inputs[0]});
    return {node.names[0]};
  }

 private:
  Op op_;
};

}  // namespace

LocalResponseNormalizationOp::operator OperationPtr() const {
  return std::make_shared<LocalResponseNormalizationOperation>(*this);
}

}  // namespace convscope
