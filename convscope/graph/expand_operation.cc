#include "convscope/graph/expand_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

// The gradient of what was repeated: the sum over its copies. `keep` has one entry an axis of the result: its length,
// or -1 where that is the gradient's.
class ExpandGradient : public Operation {
 public:
  explicit ExpandGradient(std::vector<int64_t> keep) : keep_(std::move(keep)) {}

  std::string_view type() const override { return "ExpandGradient"; }
  std::vector<Attribute> attributes() const override { return {{"keep", keep_}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    return {{ResultOf(inputs[0].shape), inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape result = ResultOf(inputs[0].shape);
    const std::vector<Shape> operands = {inputs[0].shape, inputs[0].shape, result};
    return PreparedFrom([broadcast = Broadcast(operands), size = result.NumElements(), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto sum = [&](auto zero) {
        using T = decltype(zero);
        const T* g = static_cast<const T*>(from[0]);
        SumBroadcast(broadcast, size, g, g, static_cast<T*>(to[0]), [](T value, T) { return value; });
      };
      dtype == DType::kFloat32 ? sum(0.0f) : sum(0.0);
    });
  }

 private:
  Shape ResultOf(const Shape& g) const {
    std::vector<int64_t> lengths = keep_;
    const int missing = g.rank() - static_cast<int>(keep_.size());
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] == -1) lengths[i] = g[missing + static_cast<int>(i)];
    }
    return Shape(lengths);
  }

  std::vector<int64_t> keep_;
};

class ExpandOperation : public Operation {
 public:
  explicit ExpandOperation(ExpandOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Expand"; }
  std::vector<Attribute> attributes() const override { return {{"shape", op_.shape}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    std::vector<int64_t> lengths = op_.shape;
    const int missing = static_cast<int>(lengths.size()) - x.rank();
    for (size_t i = 0; i < lengths.size(); ++i) {
      const int axis = static_cast<int>(i) - missing;
      if (lengths[i] == -1 && axis >= 0) lengths[i] = x[axis];
      if (lengths[i] < 0) {
        throw Error({.rule = "the lengths to expand to are 0 or more, or -1 where the input has that axis",
                     .received = Concat(attributes()[0].ValueText(), " for ", x.ToString())});
      }
    }
    const std::vector<Shape> both = {x, Shape(lengths)};
    return {{BroadcastShape(both), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape &x = inputs[0].shape, shape = Infer(inputs)[0].shape;
    const std::vector<int64_t> read = DenseStrides(x), write = DenseStrides(shape);
    std::vector<StridedAxis> axes;
    for (int i = 0; i < shape.rank(); ++i) {
      const int axis = i - (shape.rank() - x.rank());
      axes.push_back({shape[i], axis < 0 || x[axis] == 1 ? 0 : read[axis], write[i]});
    }
    return PreparedFrom([copy = StridedCopy(axes, SizeInBytes(inputs[0].dtype))](
                            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return {BroadcastReads(inputs[0].shape, Infer(inputs)[0].shape)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged, repeated to another shape");
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    const Shape& y = node.builder.graph()[node.outputs[0]].type.shape;
    if (x == y) return {node.output_gradients[0]};
    std::vector<int64_t> keep;
    for (int i = 0; i < x.rank(); ++i) keep.push_back(x[i] == y[i + y.rank() - x.rank()] ? -1 : x[i]);
    node.builder.Add(node.names[0], std::make_shared<ExpandGradient>(std::move(keep)), {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  ExpandOp op_;
};

}  // namespace

ExpandOp::operator OperationPtr() const {
  return std::make_shared<ExpandOperation>(*this);
}

}  // namespace convscope
