#include "convscope/graph/transpose_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

class TransposeOperation : public Operation {
 public:
  explicit TransposeOperation(TransposeOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Transpose"; }
  std::vector<Attribute> attributes() const override { return {{"axes", op_.axes}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    std::vector<bool> named(x.rank());
    std::vector<int64_t> lengths;
    for (const int64_t axis : op_.axes) {
      if (axis < 0 || axis >= x.rank() || named[axis]) break;
      named[axis] = true;
      lengths.push_back(x[static_cast<int>(axis)]);
    }
    if (lengths.size() != op_.axes.size() || lengths.size() != named.size()) {
      throw Error({.rule = "a transposition names every axis of its input once, from 0 on",
                   .received = Concat(attributes()[0].ValueText(), " for ", x.ToString())});
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape shape = Infer(inputs)[0].shape;
    const std::vector<int64_t> read = DenseStrides(inputs[0].shape), write = DenseStrides(shape);
    std::vector<StridedAxis> axes;
    for (size_t i = 0; i < op_.axes.size(); ++i) {
      axes.push_back({shape[static_cast<int>(i)], read[op_.axes[i]], write[i]});
    }
    return PreparedFrom([copy = StridedCopy(axes, SizeInBytes(inputs[0].dtype))](
                            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes, .axes = std::vector<AxisReads>(inputs[0].shape.rank())};
    for (size_t i = 0; i < op_.axes.size(); ++i) x.axes[op_.axes[i]] = AxisReads::Same(static_cast<int>(i));
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged, its axes in another order");
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    TransposeOp back{std::vector<int64_t>(op_.axes.size())};
    for (size_t i = 0; i < op_.axes.size(); ++i) back.axes[op_.axes[i]] = static_cast<int64_t>(i);
    node.builder.Add(node.names[0], back, {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  TransposeOp op_;
};

}  // namespace

TransposeOp::operator OperationPtr() const {
  return std::make_shared<TransposeOperation>(*this);
}

}  // namespace convscope
