#include "convscope/graph/conv_transpose_operation.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/conv_gradient_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/prepared_conv.h"
#include "convscope/graph/sliding_window.h"

namespace convscope {
namespace {

class ConvTransposeOperation : public Operation, public TakesChannelLine {
 public:
  explicit ConvTransposeOperation(ConvTransposeOp attributes) : op_(std::move(attributes)) {}

  std::string_view type() const override { return "ConvTranspose"; }

  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = Window({}).Attributes();
    list.pop_back();  // pad_mode, which is always zero
    list.push_back({"output_padding", op_.output_padding});
    list.push_back({"groups", op_.groups});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 3);
    CheckFloating(inputs);
    const Shape& x = inputs[0].shape;
    const Shape& kernel = inputs[1].shape;
    const int rank = SpatialRank(x);
    if (kernel.rank() != x.rank()) {
      throw Error({.rule = Concat("the kernel of an input ", x.ToString(), " has ", rank,
                                  " spatial axes, then filters / groups and channels"),
                   .received = Concat("kernel ", kernel.ToString())});
    }
    if (kernel.back() != x.back()) {
      throw Error({.rule = Concat("the kernel's last axis is the input's ", x.back(), " channels"),
                   .received = Concat("kernel ", kernel.ToString(), " on input ", x.ToString())});
    }
    if (op_.groups < 1 || x.back() % op_.groups != 0) {
      throw Error(
          {.rule = Concat("groups divides the ", x.back(), " channels"), .received = std::to_string(op_.groups)});
    }
    const ConvSpec spec = Spec(inputs);
    if (inputs.size() > 2 && inputs[2].shape != Shape{spec.channels}) {
      throw Error({.rule = Concat("the bias has one value a filter, ", Shape{spec.channels}.ToString()),
                   .received = inputs[2].shape.ToString()});
    }
    spec.Check();
    return {{spec.InputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return Spec(inputs).MultiplyAdds(); }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue epilogue) const override {
    return PrepareConvInputGradient(Spec(inputs), inputs[0].dtype, std::move(epilogue));
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<TensorType> types;
    for (const std::string& input : node.inputs) types.push_back(node.builder.graph()[input].type);
    const ConvSpec spec = Spec(types);
    const std::string& dy = node.output_gradients[0];
    // Turned around once more it is the convolution itself, from the output's size to the input's.
    if (!node.names[0].empty()) {
      ConvOp conv{.strides = op_.strides, .dilations = op_.dilations, .padding = {}, .groups = op_.groups};
      for (size_t i = spec.axes.size() - static_cast<size_t>(spec.rank); i < spec.axes.size(); ++i) {
        conv.padding.push_back(Padding::Explicit(spec.axes[i].pad_before, spec.axes[i].pad_after));
      }
      node.builder.Add(node.names[0], conv, {dy, node.inputs[1]});
    }
    if (!node.names[1].empty()) {
      node.builder.Add(node.names[1], ConvKernelGradientOperation(spec, false, attributes()), {dy, node.inputs[0]});
    }
    if (node.names.size() > 2 && !node.names[2].empty()) {
      node.builder.Add(node.names[2], BiasGradientOperation(), {dy});
    }
    return node.names;
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const ConvSpec spec = Spec(inputs);
    InputReads x{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (int i = 0; i < spec.rank; ++i) {
      x.axes.push_back(PlacesLaidDown(1 + i, spec.axes[3 - spec.rank + i]));
    }
    x.axes.push_back(AxisReads::Groups(1 + spec.rank, spec.channels, spec.filters, spec.groups));
    std::vector<InputReads> reads(inputs.size());
    reads[0] = std::move(x);
    return reads;
  }

  // Every pixel of the input that lays down the kernel over this place, and which element of the kernel meets it.
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const ConvSpec spec = Spec(std::vector<TensorType>{{inputs[0]->shape()}, {inputs[1]->shape()}});
    const std::vector<int64_t> at = PlacesOf(element, spec.InputShape());
    const std::array<int64_t, 3> here = SpatialPlaces(at);
    const int64_t group_outputs = spec.channels_per_group(), group_inputs = spec.filters_per_group();
    const int64_t first = at.back() / group_outputs * group_inputs, own = at.back() % group_outputs;
    int64_t pixels = 1, taps = 1;  // of the input, of the kernel
    for (const WindowAxis& axis : spec.axes) pixels *= axis.out(), taps *= axis.size;
    Arithmetic sum{.formula = "sum of input x kernel, of all pixels whose kernel reaches here"};
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t elements[] = {tap / spec.columns().size / spec.rows().size,
                                  tap / spec.columns().size % spec.rows().size, tap % spec.columns().size};
      int64_t pixel = 0;
      for (int k = 0; k < 3 && pixel >= 0; ++k) {
        const WindowAxis& axis = spec.axes[k];
        const int64_t from = here[k] + axis.pad_before - elements[k] * axis.dilation;
        const bool meets = from >= 0 && from % axis.stride == 0 && from / axis.stride < axis.out();
        pixel = meets ? pixel * axis.out() + from / axis.stride : -1;
      }
      for (int64_t c = first; pixel >= 0 && c < first + group_inputs; ++c) {
        sum.terms.push_back(TermOf(inputs, 0, (at[0] * pixels + pixel) * spec.filters + c, 1,
                                   (tap * group_outputs + own) * spec.filters + c));
      }
    }
    sum.window = Shape{static_cast<int64_t>(sum.terms.size())};
    if (inputs.size() > 2) {
      sum.formula += ", + bias";
      sum.offsets.push_back(TermOf(inputs, 2, at.back()));
    }
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inputs[0].dtype == DType::kFloat32; }

  // With groups, an entry of that axis is a channel of each group.
  std::optional<int> KernelAxis(std::span<const TensorType> inputs) const override {
    return op_.groups == 1 ? std::optional<int>(inputs[1].shape.rank() - 2) : std::nullopt;
  }

 private:
  SlidingWindow Window(std::span<const int64_t> sizes) const {
    return {.sizes = sizes, .strides = op_.strides, .dilations = op_.dilations, .padding = op_.padding};
  }

  // The length of the output's axis `axis`, whose input has `in` elements and whose kernel `size`.
  int64_t OutputLength(int axis, int rank, int64_t in, int64_t size) const {
    const int64_t stride = ValueAt<int64_t>(op_.strides, "stride", axis, rank);
    const int64_t extent = ValueAt<int64_t>(op_.dilations, "dilation", axis, rank) * (size - 1) + 1;
    const Padding& padding = ValueAt<Padding>(op_.padding, "padding", axis, rank);
    const bool given = !op_.output_padding.empty();
    const int64_t extra = given ? ValueAt<int64_t>(op_.output_padding, "output_padding", axis, rank) : 0;
    const int64_t whole = (in - 1) * stride + extent + extra;
    switch (padding.kind) {
      case Padding::Kind::kValid:
        return given ? whole : in * stride + std::max<int64_t>(extent - stride, 0);
      case Padding::Kind::kSame:
        return given ? whole - extent / 2 * 2 : in * stride;
      case Padding::Kind::kExplicit:
        return whole - padding.before - padding.after;
    }
    return whole;
  }

  // The convolution that leads from the output's size to the input's.
  ConvSpec Spec(std::span<const TensorType> inputs) const {
    const Shape& x = inputs[0].shape;
    const Shape& kernel = inputs[1].shape;
    const int rank = x.rank() - 2;
    std::vector<int64_t> large = {x[0]};
    for (int axis = 0; axis < rank; ++axis) large.push_back(OutputLength(axis, rank, x[1 + axis], kernel[axis]));
    large.push_back(kernel.back(1) * op_.groups);
    const ConvSpec spec{.rank = rank,
                        .axes = Window(kernel.lengths().first(static_cast<size_t>(rank))).Axes(Shape(large)),
                        .batch = x[0],
                        .channels = large.back(),
                        .filters = x.back(),
                        .groups = op_.groups};
    for (int axis = 0; axis < rank; ++axis) {
      const int place = 3 - rank + axis;
      if (spec.axes[place].out() == x[1 + axis]) continue;
      throw Error({.where = kSpatialAxes[place],
                   .rule = Concat("a convolution leads from the output's length back to the input's ", x[1 + axis]),
                   .received = Concat("an output of ", large[1 + axis], ", which leads to ", spec.axes[place].out()),
                   .fix = "choose an output_padding from 0 to below the stride, or none"});
    }
    return spec;
  }

  ConvTransposeOp op_;
};

}  // namespace

ConvTransposeOp::operator OperationPtr() const {
  return std::make_shared<ConvTransposeOperation>(*this);
}

}  // namespace convscope
