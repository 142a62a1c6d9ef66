#include "convscope/graph/crop_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

class CropOperation : public Operation {
 public:
  explicit CropOperation(CropOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Crop"; }
  std::vector<Attribute> attributes() const override { return {{"before", op_.before}, {"after", op_.after}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    bool fits = op_.before.size() == x.lengths().size() && op_.after.size() == op_.before.size();
    std::vector<int64_t> lengths;
    for (size_t i = 0; fits && i < op_.before.size(); ++i) {
      const int64_t n = x[static_cast<int>(i)];
      fits = op_.before[i] >= 0 && op_.after[i] >= 0 && op_.before[i] <= n && op_.after[i] <= n - op_.before[i];
      lengths.push_back(n - op_.before[i] - op_.after[i]);
    }
    if (!fits) {
      throw Error({.rule = "a crop takes 0 elements or more from both ends of each axis, and no more than there are",
                   .received = Concat("before ", attributes()[0].ValueText(), " and after ",
                                      attributes()[1].ValueText(), " of ", x.ToString())});
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape shape = Infer(inputs)[0].shape;
    const std::vector<int64_t> read = DenseStrides(inputs[0].shape), write = DenseStrides(shape);
    std::vector<StridedAxis> axes;
    int64_t first = 0;
    for (int i = 0; i < shape.rank(); ++i) {
      axes.push_back({shape[i], read[i], write[i]});
      first += op_.before[i] * read[i];
    }
    const size_t size = SizeInBytes(inputs[0].dtype);
    return PreparedFrom([copy = StridedCopy(axes, size), offset = static_cast<size_t>(first) * size](
                            std::span<const void* const> from, std::span<void* const> to) {
      copy(static_cast<const std::byte*>(from[0]) + offset, to[0]);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < inputs[0].shape.rank(); ++i) {
      std::vector<std::vector<int64_t>> lists;
      for (int64_t from = op_.before[i]; from < inputs[0].shape[i] - op_.after[i]; ++from) lists.push_back({from});
      x.axes.push_back(AxisReads::By(i, std::move(lists), PlaceRun::Shifted(op_.before[i])));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged");
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], PadOp{.before = op_.before, .after = op_.after}, {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  CropOp op_;
};

}  // namespace

CropOp::operator OperationPtr() const {
  return std::make_shared<CropOperation>(*this);
}

}  // namespace convscope
