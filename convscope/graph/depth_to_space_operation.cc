#include "convscope/graph/depth_to_space_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

constexpr int64_t kMostBlock = int64_t{1} << 16;  // pixels; its square is far from overflow

// A tensor whose channels are squares, `deep`, and the one whose pixels they are, `wide`.
struct Squares {
  int64_t block = 2;
  bool depth_first = true;

  // Throws Error where there are none.
  Shape Wide(const Shape& deep) const {
    Check(deep);
    if (deep.back() % (block * block) != 0) {
      throw Error({.rule = Concat("channels become squares of ", block * block, " pixels"),
                   .received = Concat(deep.back(), " channels of ", deep.ToString())});
    }
    return {deep[0], Times(deep[1]), Times(deep[2]), deep[3] / (block * block)};
  }
  Shape Deep(const Shape& wide) const {
    Check(wide);
    if (wide[1] % block != 0 || wide[2] % block != 0) {
      throw Error({.rule = Concat("rows and columns are made of squares of ", block, " x ", block, " pixels"),
                   .received = wide.ToString()});
    }
    return {wide[0], wide[1] / block, wide[2] / block, wide[3] * block * block};
  }

  // Sample, row and column of squares, row and column within one, channel: lengths, and strides in both tensors.
  std::vector<StridedAxis> Axes(const Shape& deep, const Shape& wide, bool to_wide) const {
    const std::vector<int64_t> d = DenseStrides(deep), w = DenseStrides(wide);
    const int64_t channels = wide[3], of_pixel = depth_first ? channels : 1;
    std::vector<StridedAxis> axes = {{deep[0], d[0], w[0]},         {deep[1], d[1], block * w[1]},
                                     {deep[2], d[2], block * w[2]}, {block, block * of_pixel, w[1]},
                                     {block, of_pixel, w[2]},       {channels, depth_first ? 1 : block * block, 1}};
    for (StridedAxis& axis : axes) {
      if (!to_wide) std::swap(axis.from, axis.to);
    }
    return axes;
  }

  // The channel of `deep` that goes to channel `channel` of the pixel at row r and column s of its square.
  int64_t DeepChannel(int64_t r, int64_t s, int64_t channel, int64_t channels) const {
    const int64_t pixel = r * block + s;
    return depth_first ? pixel * channels + channel : channel * block * block + pixel;
  }

 private:
  void Check(const Shape& x) const {
    if (x.rank() != 4) {
      throw Error({.rule = "squares of pixels are in (samples, rows, columns, channels)", .received = x.ToString()});
    }
    if (block < 1 || block > kMostBlock) {
      throw Error({.rule = Concat("a block is 1 to ", kMostBlock, " pixels long"), .received = std::to_string(block)});
    }
  }
  int64_t Times(int64_t length) const {
    if (length > Shape::kMaxElements / block) {
      throw Error({.rule = "an axis has a possible length", .received = Concat(length, " times ", block)});
    }
    return length * block;
  }
};

// Channels to pixels (to_wide) or back. Each is the other's gradient.
class SquaresOperation : public Operation {
 public:
  SquaresOperation(const Squares& squares, bool to_wide, bool is_gradient)
      : squares_(squares), to_wide_(to_wide), is_gradient_(is_gradient) {}

  std::string_view type() const override {
    if (to_wide_) return is_gradient_ ? "SpaceToDepthGradient" : "DepthToSpace";
    return is_gradient_ ? "DepthToSpaceGradient" : "SpaceToDepth";
  }
  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = {{"block", squares_.block}};
    if (to_wide_ || is_gradient_) list.push_back({"depth_first", squares_.depth_first});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    return {{OutputOf(inputs[0].shape), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape x = inputs[0].shape, y = OutputOf(x);
    const std::vector<StridedAxis> axes = squares_.Axes(to_wide_ ? x : y, to_wide_ ? y : x, to_wide_);
    return PreparedFrom([copy = StridedCopy(axes, SizeInBytes(inputs[0].dtype))](
                            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  // Rows and columns are told exactly; which of a square it is depends on both and the channel, so all are listed.
  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape x = inputs[0].shape, y = OutputOf(x);
    const int64_t block = squares_.block;
    InputReads reads{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (const int axis : {1, 2}) {
      std::vector<std::vector<int64_t>> lists(static_cast<size_t>(y[axis]));
      for (int64_t o = 0; o < y[axis]; ++o) {
        if (to_wide_) {
          lists[o] = {o / block};
        } else {
          for (int64_t r = 0; r < block; ++r) lists[o].push_back(o * block + r);
        }
      }
      const PlaceRun run = to_wide_ ? PlaceRun{.per = block, .window = true}
                                    : PlaceRun{.step = block, .last = block - 1, .window = true};
      reads.axes.push_back(AxisReads::By(axis, std::move(lists), run));
    }
    std::vector<std::vector<int64_t>> lists(static_cast<size_t>(y[3]));
    const int64_t channels = (to_wide_ ? y : x)[3];
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t pixel = 0; pixel < block * block; ++pixel) {
        const int64_t deep = squares_.DeepChannel(pixel / block, pixel % block, c, channels);
        to_wide_ ? lists[c].push_back(deep) : lists[deep].push_back(c);
      }
    }
    reads.axes.push_back(AxisReads::By(3, std::move(lists)));
    return {std::move(reads)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const DType dtype = inputs[0]->dtype();
    if (dtype != DType::kFloat32 && dtype != DType::kFloat64) return std::nullopt;
    const Shape x = inputs[0]->shape(), y = OutputOf(x);
    std::vector<int64_t> at = PlacesOf(element, y);
    const int64_t block = squares_.block;
    if (to_wide_) {
      at[3] = squares_.DeepChannel(at[1] % block, at[2] % block, at[3], y[3]);
      at[1] /= block;
      at[2] /= block;
    } else {
      const int64_t pixel = squares_.depth_first ? at[3] / x[3] : at[3] % (block * block);
      at[3] = squares_.depth_first ? at[3] % x[3] : at[3] / (block * block);
      at[1] = at[1] * block + pixel / block;
      at[2] = at[2] * block + pixel % block;
    }
    Arithmetic moved{.formula = to_wide_ ? "the input, unchanged, from a channel to a pixel"
                                         : "the input, unchanged, from a pixel to a channel",
                     .terms = {TermOf(inputs, 0, ((at[0] * x[1] + at[1]) * x[2] + at[2]) * x[3] + at[3])},
                     .window = Shape{1},
                     .through = 0};
    moved.value = moved.terms[0].value;
    return moved;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], std::make_shared<SquaresOperation>(squares_, !to_wide_, /*is_gradient=*/true),
                     {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  Shape OutputOf(const Shape& x) const { return to_wide_ ? squares_.Wide(x) : squares_.Deep(x); }

  Squares squares_;
  bool to_wide_;
  bool is_gradient_;  // of the way back
};

}  // namespace

DepthToSpaceOp::operator OperationPtr() const {
  return std::make_shared<SquaresOperation>(Squares{block, depth_first}, /*to_wide=*/true, /*is_gradient=*/false);
}

SpaceToDepthOp::operator OperationPtr() const {
  return std::make_shared<SquaresOperation>(Squares{block, true}, /*to_wide=*/false, /*is_gradient=*/false);
}

}  // namespace convscope
