#include "convscope/graph/concat_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

class ConcatOperation : public Operation {
 public:
  explicit ConcatOperation(const ConcatOp& op) : op_(op) {}

  std::string_view type() const override { return "Concat"; }
  std::vector<Attribute> attributes() const override { return {{"axis", op_.axis}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    if (inputs.empty()) throw Error({.rule = "a concatenation has an input at least", .received = "0"});
    const int rank = inputs[0].shape.rank();
    const int axis = Axis(rank);
    if (axis < 0 || axis >= rank) {
      throw Error({.rule = Concat("the axis is one of ", inputs[0].shape.ToString(), ", ", -rank, " to ", rank - 1),
                   .received = std::to_string(op_.axis)});
    }
    std::vector<int64_t> lengths(inputs[0].shape.lengths().begin(), inputs[0].shape.lengths().end());
    for (const TensorType& input : inputs.subspan(1)) {
      bool fits = input.dtype == inputs[0].dtype && input.shape.rank() == rank;
      for (int i = 0; fits && i < rank; ++i) fits = i == axis || input.shape[i] == lengths[i];
      if (!fits) {
        throw Error({.rule = Concat("what is joined along axis ", axis, " is of one type and has one shape elsewhere"),
                     .received = Concat(inputs[0].ToString(), " and ", input.ToString())});
      }
      lengths[axis] += input.shape[axis];
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const TensorType type = Infer(inputs)[0];
    const std::vector<int64_t> write = DenseStrides(type.shape);
    const int axis = Axis(type.shape.rank());
    const size_t size = SizeInBytes(type.dtype);
    std::vector<std::pair<StridedCopy, size_t>> copies;  // and where each begins, in bytes
    size_t offset = 0;
    for (const TensorType& input : inputs) {
      const std::vector<int64_t> read = DenseStrides(input.shape);
      std::vector<StridedAxis> axes;
      for (int i = 0; i < input.shape.rank(); ++i) axes.push_back({input.shape[i], read[i], write[i]});
      copies.emplace_back(StridedCopy(axes, size), offset);
      offset += static_cast<size_t>(input.shape[axis] * write[axis]) * size;
    }
    return PreparedFrom([copies = std::move(copies)](std::span<const void* const> from, std::span<void* const> to) {
      for (size_t i = 0; i < copies.size(); ++i) {
        copies[i].first(from[i], static_cast<std::byte*>(to[0]) + copies[i].second);
      }
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const int64_t whole = Infer(inputs)[0].shape[Axis(inputs[0].shape.rank())];
    std::vector<InputReads> reads;
    int64_t before = 0;
    for (const TensorType& input : inputs) {
      const int axis = Axis(input.shape.rank());
      InputReads part{.kind = InputReads::Kind::kAxes};
      for (int i = 0; i < input.shape.rank(); ++i) part.axes.push_back(AxisReads::Same(i));
      std::vector<std::vector<int64_t>> lists(static_cast<size_t>(whole));
      for (int64_t i = 0; i < input.shape[axis]; ++i) lists[before + i] = {i};
      part.axes[axis] = AxisReads::By(axis, std::move(lists));
      before += input.shape[axis];
      reads.push_back(std::move(part));
    }
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "one of the inputs, unchanged");
  }

  // Each input gets its part of the gradient.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape whole = node.builder.graph()[node.outputs[0]].type.shape;
    const int axis = Axis(whole.rank());
    std::vector<std::string> gradients(node.inputs.size());
    int64_t before = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int64_t length = node.builder.graph()[node.inputs[i]].type.shape[axis];
      if (!node.names[i].empty()) {
        CropOp part{std::vector<int64_t>(whole.rank()), std::vector<int64_t>(whole.rank())};
        part.before[axis] = before;
        part.after[axis] = whole[axis] - before - length;
        node.builder.Add(node.names[i], part, {node.output_gradients[0]});
        gradients[i] = node.names[i];
      }
      before += length;
    }
    return gradients;
  }

 private:
  int Axis(int rank) const { return static_cast<int>(op_.axis < 0 ? op_.axis + rank : op_.axis); }

  ConcatOp op_;
};

}  // namespace

ConcatOp::operator OperationPtr() const {
  return std::make_shared<ConcatOperation>(*this);
}

}  // namespace convscope
