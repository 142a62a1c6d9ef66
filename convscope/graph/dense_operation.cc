#include "convscope/graph/dense_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/conv_gradient_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/prepared_conv.h"

namespace convscope {
namespace {

// A product of matrices is a convolution of pictures of one pixel each, with a kernel of one.
ConvSpec SpecOf(int64_t rows, int64_t channels, int64_t filters) {
  return {.rank = 1, .axes = {}, .batch = rows, .channels = channels, .filters = filters};
}

// The lengths of `shape` with the last one exchanged.
Shape WithLast(const Shape& shape, int64_t last) {
  std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
  lengths.back() = last;
  return Shape(lengths);
}

void CheckRows(const Shape& shape) {
  if (shape.rank() == 0 || shape.NumElements() == 0) {
    throw Error({.rule = "the input is (..., I) and not empty", .received = Concat("shape ", shape.ToString())});
  }
}

// Inputs dy (..., O), kernel (I, O); output dx (..., I).
class DenseInputGradientOperation : public Operation {
 public:
  std::string_view type() const override { return "DenseInputGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    CheckRows(inputs[0].shape);
    const Shape& kernel = inputs[1].shape;
    if (kernel.rank() != 2 || kernel[1] != inputs[0].shape.back()) {
      throw Error({.rule = Concat("the kernel is (I, ", inputs[0].shape.back(), ")"), .received = kernel.ToString()});
    }
    return {{WithLast(inputs[0].shape, kernel[0]), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return Spec(inputs).MultiplyAdds(); }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareConvInputGradient(Spec(inputs), inputs[0].dtype);
  }

 private:
  static ConvSpec Spec(std::span<const TensorType> inputs) {
    const Shape& dy = inputs[0].shape;
    return SpecOf(dy.NumElements() / dy.back(), inputs[1].shape[0], dy.back());
  }
};

// Inputs x (..., I), dy (..., O); outputs the gradients of the kernel (I, O) and, with_bias, of the bias (O,).
class DenseKernelGradientOperation : public Operation {
 public:
  explicit DenseKernelGradientOperation(bool with_bias) : with_bias_(with_bias) {}

  std::string_view type() const override { return "DenseKernelGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    const Shape &x = inputs[0].shape, &dy = inputs[1].shape;
    CheckRows(x);
    CheckRows(dy);
    if (WithLast(x, 1) != WithLast(dy, 1)) {
      throw Error({.rule = "the inputs differ in the last axis at most",
                   .received = Concat(x.ToString(), " and ", dy.ToString())});
    }
    std::vector<TensorType> types = {{Shape{x.back(), dy.back()}, inputs[0].dtype}};
    if (with_bias_) types.push_back({Shape{dy.back()}, inputs[0].dtype});
    return types;
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return Spec(inputs).MultiplyAdds(); }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareConvKernelGradient(Spec(inputs), inputs[0].dtype);
  }

 private:
  static ConvSpec Spec(std::span<const TensorType> inputs) {
    const Shape& x = inputs[0].shape;
    return SpecOf(x.NumElements() / x.back(), x.back(), inputs[1].shape.back());
  }

  bool with_bias_;
};

class DenseOperation : public Operation, public TakesChannelLine {
 public:
  std::string_view type() const override { return "Dense"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 3);
    CheckFloating(inputs);
    const Shape &x = inputs[0].shape, &kernel = inputs[1].shape;
    CheckRows(x);
    if (kernel.rank() != 2 || kernel[0] != x.back() || kernel[1] < 1) {
      throw Error({.rule = Concat("the kernel of an input ", x.ToString(), " is (", x.back(), ", O)"),
                   .received = Concat("kernel ", kernel.ToString())});
    }
    if (inputs.size() > 2 && inputs[2].shape != Shape{kernel[1]}) {
      throw Error({.rule = Concat("the bias has one value an output, ", Shape{kernel[1]}.ToString()),
                   .received = inputs[2].shape.ToString()});
    }
    return {{WithLast(x, kernel[1]), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return Spec(inputs).MultiplyAdds(); }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                             std::span<const Tensor* const> constants,
                                             Epilogue epilogue) const override {
    return PrepareConv(Spec(inputs), inputs[0].dtype, constants, std::move(epilogue));
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const std::string& dy = node.output_gradients[0];
    const std::string& dx = node.names[0];
    const std::string& dkernel = node.names[1];
    const std::string dbias = node.names.size() > 2 ? node.names[2] : "";
    if (!dx.empty()) node.builder.Add(dx, std::make_shared<DenseInputGradientOperation>(), {dy, node.inputs[1]});
    if (!dkernel.empty()) {
      std::vector<std::string> outputs = {dkernel};
      if (!dbias.empty()) outputs.push_back(dbias);
      const bool both = outputs.size() > 1;
      node.builder.Add(dkernel, std::make_shared<DenseKernelGradientOperation>(both), {node.inputs[0], dy}, outputs);
    } else if (!dbias.empty()) {
      node.builder.Add(dbias, BiasGradientOperation(), {dy});
    }
    return node.names;
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    for (int axis = 0; axis + 1 < inputs[0].shape.rank(); ++axis) x.axes.push_back(AxisReads::Same(axis));
    x.axes.push_back(AxisReads::All(inputs[0].shape.back()));
    std::vector<InputReads> reads(inputs.size());
    reads[0] = std::move(x);
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const int64_t width = inputs[0]->shape().back(), units = inputs[1]->shape()[1];
    const int64_t row = element / units, unit = element % units;
    Arithmetic sum{.formula = "sum of input x kernel", .window = Shape{width}};
    for (int64_t i = 0; i < width; ++i) sum.terms.push_back(TermOf(inputs, 0, row * width + i, 1, i * units + unit));
    if (inputs.size() > 2) {
      sum.formula += " + bias";
      sum.offsets.push_back(TermOf(inputs, 2, unit));
    }
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inputs[0].dtype == DType::kFloat32; }

  std::optional<int> KernelAxis(std::span<const TensorType>) const override { return 1; }

 private:
  static ConvSpec Spec(std::span<const TensorType> inputs) {
    const Shape& x = inputs[0].shape;
    return SpecOf(x.NumElements() / x.back(), x.back(), inputs[1].shape.back());
  }
};

}  // namespace

DenseOp::operator OperationPtr() const {
  return std::make_shared<DenseOperation>();
}

}  // namespace convscope
