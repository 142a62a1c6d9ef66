#include "convscope/graph/tile_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/tap_operation.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

class TileOperation : public Operation {
 public:
  explicit TileOperation(TileOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Tile"; }
  std::vector<Attribute> attributes() const override { return {{"repeats", op_.repeats}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    bool fits = op_.repeats.size() == x.lengths().size();
    std::vector<int64_t> lengths;
    for (int i = 0; fits && i < x.rank(); ++i) {
      const int64_t repeats = op_.repeats[i];
      fits = repeats >= 0 && (x[i] == 0 || repeats <= Shape::kMaxElements / x[i]);
      lengths.push_back(fits ? x[i] * repeats : 0);
    }
    if (!fits) {
      throw Error({.rule = "a tensor is laid out 0 times or more along each axis, which has a possible length then",
                   .received = Concat("repeats ", attributes()[0].ValueText(), " of ", x.ToString())});
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape &x = inputs[0].shape, shape = Infer(inputs)[0].shape;
    const std::vector<int64_t> read = DenseStrides(x), write = DenseStrides(shape);
    std::vector<StridedAxis> axes;
    for (int i = 0; i < x.rank(); ++i) {
      axes.push_back({op_.repeats[i], 0, x[i] * write[i]});
      axes.push_back({x[i], read[i], write[i]});
    }
    return PreparedFrom([copy = StridedCopy(axes, SizeInBytes(inputs[0].dtype))](
                            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& x = inputs[0].shape;
    InputReads reads{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < x.rank(); ++i) {
      if (op_.repeats[i] == 1) {
        reads.axes.push_back(AxisReads::Same(i));
        continue;
      }
      std::vector<std::vector<int64_t>> lists;
      for (int64_t o = 0; o < x[i] * op_.repeats[i]; ++o) lists.push_back({o % x[i]});
      reads.axes.push_back(AxisReads::By(i, std::move(lists)));
    }
    return {std::move(reads)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged, in one of its copies");
  }

  // The sum over the copies.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    std::vector<AxisTaps> axes;
    for (int i = 0; i < x.rank(); ++i) {
      axes.push_back({.in = x[i]});
      for (int64_t o = 0; o < x[i] * op_.repeats[i]; ++o) axes.back().taps.push_back({{.index = o % x[i]}});
    }
    node.builder.Add(node.names[0], std::make_shared<TapGradient>("TileGradient", std::move(axes)),
                     {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  TileOp op_;
};

}  // namespace

TileOp::operator OperationPtr() const {
  return std::make_shared<TileOperation>(*this);
}

}  // namespace convscope
