// Convolutions and pools in ONNX: channels first, padding in numbers.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_padding.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/lp_pool_operation.h"
#include "convscope/graph/max_pool_indices_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/sliding_window.h"

namespace convscope::internal {
namespace {

// The axes of the window that `node` slides over a tensor `x`, as many as that has.
std::vector<WindowAxis> Axes(const NodeWriter& node, const std::vector<int64_t>& sizes, const Shape& x) {
  const OnnxAttributes& attributes = node.attributes();
  const std::vector<Padding> padding = attributes.Paddings("padding");
  const SlidingWindow window{.sizes = sizes,
                             .strides = attributes.Integers("strides"),
                             .dilations = attributes.Integers("dilations"),
                             .padding = padding,
                             .pad_mode = attributes.Has("pad_mode") ? attributes.Mode("pad_mode") : PadMode::kZero,
                             .ceil_mode = attributes.Has("ceil_mode") && attributes.Flag("ceil_mode")};
  const auto axes = window.Axes(x);
  return {axes.end() - (x.rank() - 2), axes.end()};
}

// The spatial lengths of a kernel.
std::vector<int64_t> KernelSizes(const Shape& kernel) {
  const auto lengths = kernel.lengths().first(static_cast<size_t>(kernel.rank() - 2));
  return {lengths.begin(), lengths.end()};
}

template <typename Member>
std::vector<int64_t> Each(const std::vector<WindowAxis>& axes, Member member) {
  std::vector<int64_t> values;
  for (const WindowAxis& axis : axes) values.push_back(axis.*member);
  return values;
}

// {all before, all after}, as ONNX has them.
std::vector<int64_t> Pads(const std::vector<WindowAxis>& axes) {
  std::vector<int64_t> pads = Each(axes, &WindowAxis::pad_before);
  for (const WindowAxis& axis : axes) pads.push_back(axis.pad_after);
  return pads;
}

// `value`, channels first, with the padding of `axes` around it; the axes have none from then on.
std::string PaddedBy(NodeWriter& node, const std::string& value, std::vector<WindowAxis>& axes, PadMode mode,
                     double number = 0) {
  OnnxPadding padding{.lengths = {0, 0}, .before = {0, 0}, .after = {0, 0}, .mode = mode, .value = number};
  for (WindowAxis& axis : axes) {
    padding.lengths.push_back(axis.in);
    padding.before.push_back(std::exchange(axis.pad_before, 0));
    padding.after.push_back(std::exchange(axis.pad_after, 0));
    axis.in += padding.before.back() + padding.after.back();
  }
  return Padded(node, value, padding);
}

onnx_schema::NodeProto& SetWindow(onnx_schema::NodeProto& node, const std::vector<WindowAxis>& axes,
                                  bool with_dilations) {
  Set(node, "kernel_shape", Each(axes, &WindowAxis::size));
  Set(node, "strides", Each(axes, &WindowAxis::stride));
  if (with_dilations) Set(node, "dilations", Each(axes, &WindowAxis::dilation));
  return Set(node, "pads", Pads(axes));
}

// Axes of a kernel (spatial..., A, B) as ONNX wants it, (B, A, spatial...).
std::vector<int64_t> KernelAxes(int rank) {
  std::vector<int64_t> axes = {rank - 1, rank - 2};
  for (int axis = 0; axis < rank - 2; ++axis) axes.push_back(axis);
  return axes;
}

void WriteConv(NodeWriter& node) {
  const OnnxAttributes& attributes = node.attributes();
  const Shape& kernel = node.InputType(1).shape;
  std::vector<WindowAxis> axes = Axes(node, KernelSizes(kernel), node.InputType(0).shape);
  const PadMode mode = attributes.Mode("pad_mode");
  std::vector<std::string> inputs = {node.Input(0, Layout::kChannelsFirst)};
  if (mode != PadMode::kZero) inputs[0] = PaddedBy(node, inputs[0], axes, mode);
  std::vector<int64_t> flipped;
  if (attributes.Flag("flip_kernel")) {
    flipped.resize(axes.size());
    std::iota(flipped.begin(), flipped.end(), 0);
  }
  inputs.push_back(node.MovedInput(1, KernelAxes(kernel.rank()), flipped));
  if (node.input_count() > 2) inputs.push_back(node.Input(2, Layout::kOurs));
  Set(SetWindow(node.Add("Conv", inputs, Layout::kChannelsFirst), axes, true), "group", attributes.Integer("groups"));
}

OperationPtr ReadConv(const OnnxAttributes& attributes) {
  return ConvOp{.strides = attributes.Integers("strides"),
                .dilations = attributes.Integers("dilations"),
                .padding = attributes.Paddings("padding"),
                .pad_mode = attributes.Mode("pad_mode"),
                .groups = attributes.Integer("groups"),
                .flip_kernel = attributes.Flag("flip_kernel")};
}

// It undoes a convolution from the output's size to the input's, whose padding is cut off; what that convolution does
// not reach is output_padding.
void WriteConvTranspose(NodeWriter& node) {
  const Shape &x = node.InputType(0).shape, &kernel = node.InputType(1).shape;
  std::vector<WindowAxis> axes = Axes(node, KernelSizes(kernel), node.OutputType().shape);
  std::vector<int64_t> output_padding;
  for (size_t i = 0; i < axes.size(); ++i) {
    WindowAxis& axis = axes[i];
    const int64_t whole = (x[static_cast<int>(i) + 1] - 1) * axis.stride + axis.extent();
    const int64_t after = whole - axis.pad_before - axis.in;
    axis.pad_after = std::max<int64_t>(after, 0);
    output_padding.push_back(std::max<int64_t>(-after, 0));
  }
  std::vector<std::string> inputs = {node.Input(0, Layout::kChannelsFirst),
                                     node.MovedInput(1, KernelAxes(kernel.rank()))};
  if (node.input_count() > 2) inputs.push_back(node.Input(2, Layout::kOurs));
  onnx_schema::NodeProto& added = SetWindow(node.Add("ConvTranspose", inputs, Layout::kChannelsFirst), axes, true);
  Set(Set(added, "output_padding", output_padding), "group", node.attributes().Integer("groups"));
}

OperationPtr ReadConvTranspose(const OnnxAttributes& attributes) {
  return ConvTransposeOp{.strides = attributes.Integers("strides"),
                         .dilations = attributes.Integers("dilations"),
                         .padding = attributes.Paddings("padding"),
                         .output_padding = attributes.Integers("output_padding"),
                         .groups = attributes.Integer("groups")};
}

// What stands at position `i` of the axis: an element, padding that may count, or nothing, past the padding.
enum class Position { kElement, kPadding, kNothing };

Position At(const WindowAxis& axis, int64_t i) {
  if (i >= axis.in + axis.pad_after) return Position::kNothing;
  return i >= 0 && i < axis.in ? Position::kElement : Position::kPadding;
}

// How many positions each of `windows` windows an axis averages over: (1, 1, windows...). The count of a window is the
// product of the counts of its axes.
Tensor Counts(const std::vector<WindowAxis>& axes, const std::vector<int64_t>& windows, bool with_padding,
              DType dtype) {
  std::vector<int64_t> lengths = {1, 1};
  std::vector<double> counts = {1};
  for (size_t i = 0; i < axes.size(); ++i) {
    const WindowAxis& axis = axes[i];
    lengths.push_back(windows[i]);
    std::vector<double> longer;
    for (const double before : counts) {
      for (int64_t o = 0; o < windows[i]; ++o) {
        int64_t count = 0;
        for (int64_t k = 0; k < axis.size; ++k) {
          const Position position = At(axis, o * axis.stride + k * axis.dilation - axis.pad_before);
          count += position == Position::kElement || (with_padding && position == Position::kPadding) ? 1 : 0;
        }
        longer.push_back(before * static_cast<double>(count));
      }
    }
    counts = std::move(longer);
  }
  Tensor tensor(Shape(lengths), dtype);
  if (dtype == DType::kFloat64) {
    std::copy(counts.begin(), counts.end(), tensor.data<double>());
  } else {
    std::transform(counts.begin(), counts.end(), tensor.data(), [](double x) { return static_cast<float>(x); });
  }
  return tensor;
}

// A window's axes twice: as our graph counts them, and as ONNX is told to slide them.
struct PoolWindow {
  std::vector<WindowAxis> counted;  // padding, as far as it counts
  std::vector<int64_t> windows;     // how many
  std::vector<WindowAxis> slid;     // padded up to the end of the last window, without ceil_mode
  std::string input;                // what it slides over, channels first
  bool sticks_out = false;          // the last window ends past the padding that counts
};

PoolWindow PlacePool(NodeWriter& node) {
  std::vector<int64_t> sizes = node.attributes().Integers("sizes");
  if (sizes.size() == 1) sizes.assign(static_cast<size_t>(node.rank() - 2), sizes[0]);
  PoolWindow pool{.counted = Axes(node, sizes, node.InputType(0).shape),
                  .input = node.Input(0, Layout::kChannelsFirst)};
  std::vector<int64_t> ends;  // how far the last window reaches past the input; negative: it ends before
  for (const WindowAxis& axis : pool.counted) {
    pool.windows.push_back(axis.out());
    ends.push_back((axis.out() - 1) * axis.stride + axis.extent() - axis.in - axis.pad_before);
  }
  const PadMode mode = node.attributes().Mode("pad_mode");
  if (mode != PadMode::kZero) {
    // Pixels of the picture, added beforehand; those that no window reaches are not made, so that none can.
    for (size_t i = 0; i < ends.size(); ++i) {
      WindowAxis& axis = pool.counted[i];
      axis.pad_after = std::clamp<int64_t>(ends[i], 0, axis.pad_after);
      ends[i] -= axis.pad_after;
    }
    pool.input = PaddedBy(node, pool.input, pool.counted, mode);
  }
  pool.slid = pool.counted;
  for (size_t i = 0; i < ends.size(); ++i) {
    WindowAxis& axis = pool.slid[i];
    if (!axis.ceil_mode) continue;
    pool.sticks_out = pool.sticks_out || ends[i] > axis.pad_after;
    axis.pad_after = std::max<int64_t>(ends[i], 0);
    axis.ceil_mode = false;
  }
  return pool;
}

bool IsDilated(const std::vector<WindowAxis>& axes) {
  return std::any_of(axes.begin(), axes.end(), [](const WindowAxis& axis) { return axis.dilation > 1; });
}

// Runtimes refuse padding as long as the kernel, which a dilated window may have.
bool IsPaddedTooFar(const std::vector<WindowAxis>& axes) {
  return std::any_of(axes.begin(), axes.end(),
                     [](const WindowAxis& axis) { return std::max(axis.pad_before, axis.pad_after) >= axis.size; });
}

// Pools are written with padding that holds all of their windows, and without ceil_mode, whose meaning at the border
// differs between runtimes and versions.
void WriteMaxPool(NodeWriter& node) {
  PoolWindow pool = PlacePool(node);
  if (IsPaddedTooFar(pool.slid)) {
    pool.input = PaddedBy(node, pool.input, pool.slid, PadMode::kZero, -std::numeric_limits<double>::infinity());
  }
  SetWindow(node.Add("MaxPool", {pool.input}, Layout::kChannelsFirst), pool.slid, true);
}

// Where ONNX' own average does not do (dilations came with opset 19; what sticks out is counted otherwise in each
// runtime): the sum of each window, by a convolution with ones, over how many it is of.
void WriteAverageAsSum(NodeWriter& node, const PoolWindow& pool, bool with_padding) {
  const DType dtype = node.InputType(0).dtype;
  const int64_t channels = node.InputType(0).shape.back();
  std::vector<int64_t> lengths = {channels, 1};
  for (const WindowAxis& axis : pool.slid) lengths.push_back(axis.size);
  Tensor ones(Shape(lengths), dtype);
  for (int64_t i = 0; i < ones.size(); ++i) {
    dtype == DType::kFloat64 ? ones.data<double>()[i] = 1 : ones.data()[i] = 1;
  }
  const std::string kernel = node.Constant("ones", std::move(ones));
  onnx_schema::NodeProto& sum = node.AddStep("sum", "Conv", {pool.input, kernel});
  Set(SetWindow(sum, pool.slid, true), "group", channels);
  const std::string counts = node.Constant("counts", Counts(pool.counted, pool.windows, with_padding, dtype));
  node.Add("Div", {OutputOf(sum), counts}, Layout::kChannelsFirst);
}

void WriteAveragePool(NodeWriter& node) {
  const bool with_padding = node.attributes().Flag("count_include_pad");
  const PoolWindow pool = PlacePool(node);
  if (IsDilated(pool.slid) || IsPaddedTooFar(pool.slid) || (pool.sticks_out && with_padding)) {
    WriteAverageAsSum(node, pool, with_padding);
    return;
  }
  onnx_schema::NodeProto& average = node.Add("AveragePool", {pool.input}, Layout::kChannelsFirst);
  Set(SetWindow(average, pool.slid, false), "count_include_pad", int64_t{with_padding});
}

// Padding of zeros adds nothing to a norm. Dilations came with opset 18: then it is the sum of powers, by a convolution
// with ones, and its root.
void WriteLpPool(NodeWriter& node) {
  PoolWindow pool = PlacePool(node);
  const int64_t p = node.attributes().Integer("p");
  if (!IsDilated(pool.slid)) {
    if (IsPaddedTooFar(pool.slid)) pool.input = PaddedBy(node, pool.input, pool.slid, PadMode::kZero);
    Set(SetWindow(node.Add("LpPool", {pool.input}, Layout::kChannelsFirst), pool.slid, false), "p", p);
    return;
  }
  const std::string size = OutputOf(node.AddStep("absolute", "Abs", {pool.input}));
  const auto power = static_cast<double>(p);
  const std::string powers = OutputOf(node.AddStep("powers", "Pow", {size, node.Number("p", power)}));
  const int64_t channels = node.InputType(0).shape.back();
  std::vector<int64_t> lengths = {channels, 1};
  for (const WindowAxis& axis : pool.slid) lengths.push_back(axis.size);
  Tensor ones(Shape(lengths), node.InputType(0).dtype);
  for (int64_t i = 0; i < ones.size(); ++i) {
    ones.dtype() == DType::kFloat64 ? ones.data<double>()[i] = 1 : ones.data()[i] = 1;
  }
  onnx_schema::NodeProto& sum = node.AddStep("sum", "Conv", {powers, node.Constant("ones", std::move(ones))});
  Set(SetWindow(sum, pool.slid, true), "group", channels);
  const std::string sums = OutputOf(sum);
  node.Add("Pow", {sums, node.Number("root", 1 / power)}, Layout::kChannelsFirst);
}

OperationPtr ReadLpPool(const OnnxAttributes& attributes) {
  return LpPoolOp{.p = attributes.Integer("p"),
                  .sizes = attributes.Integers("sizes"),
                  .strides = attributes.Integers("strides"),
                  .dilations = attributes.Integers("dilations"),
                  .padding = attributes.Paddings("padding"),
                  .pad_mode = attributes.Mode("pad_mode"),
                  .ceil_mode = attributes.Flag("ceil_mode")};
}

// The second output of MaxPool, which counts in what it is given: nothing can be padded before.
void WriteMaxPoolIndices(NodeWriter& node) {
  if (node.attributes().Mode("pad_mode") != PadMode::kZero) {
    throw Error({.rule = "ONNX counts the places of maxima without padding, or with zeros",
                 .received = node.attributes().Word("pad_mode")});
  }
  const PoolWindow pool = PlacePool(node);
  if (IsPaddedTooFar(pool.slid)) {
    throw Error({.rule = "ONNX counts the places of maxima with padding below the window's size",
                 .received = node.attributes().Word("padding")});
  }
  onnx_schema::NodeProto& largest = SetWindow(node.AddStep("largest", "MaxPool", {pool.input}), pool.slid, true);
  Set(largest, "storage_order", int64_t{node.attributes().Flag("column_major")});
  const std::string places = node.AddOutput(largest, "places");
  node.Add("Identity", {places}, Layout::kChannelsFirst);
}

OperationPtr ReadMaxPoolIndices(const OnnxAttributes& attributes) {
  return MaxPoolIndicesOp{.sizes = attributes.Integers("sizes"),
                          .strides = attributes.Integers("strides"),
                          .dilations = attributes.Integers("dilations"),
                          .padding = attributes.Paddings("padding"),
                          .pad_mode = attributes.Mode("pad_mode"),
                          .ceil_mode = attributes.Flag("ceil_mode"),
                          .column_major = attributes.Flag("column_major")};
}

// MaxUnpool of ONNX finds its output's shape from a window, which need not be one of whole numbers here: the values are
// scattered over zeros instead.
void WriteMaxUnpool(NodeWriter& node) {
  const std::string x = node.Input(0, Layout::kChannelsFirst), indices = node.Input(1, Layout::kChannelsFirst);
  std::vector<int64_t> lengths = node.attributes().Integers("lengths");
  lengths.insert(lengths.begin(), node.InputType(0).shape.back());
  const std::string shape = OutputOf(node.AddStep("shape", "Shape", {x}));
  const std::string batch = OutputOf(
      node.AddStep("batch", "Slice", {shape, node.Integers("batch_from", {0}), node.Integers("batch_to", {1})}));
  const std::string whole =
      OutputOf(Set(node.AddStep("whole", "Concat", {batch, node.Integers("lengths", lengths)}), "axis", int64_t{0}));
  const std::string count =
      OutputOf(Set(node.AddStep("count", "ReduceProd", {whole}), "axes", std::vector<int64_t>{0}));
  const std::string zeros = OutputOf(node.AddStep("zeros", "Expand", {node.Number("zero", 0), count}));
  const std::string flat = node.Integers("flat", {-1});
  const std::string values = OutputOf(node.AddStep("values", "Reshape", {x, flat}));
  const std::string places = OutputOf(node.AddStep("places", "Reshape", {indices, flat}));
  const std::string scattered = OutputOf(node.AddStep("scattered", "ScatterElements", {zeros, places, values}));
  node.Add("Reshape", {scattered, whole}, Layout::kChannelsFirst);
}

OperationPtr ReadMaxUnpool(const OnnxAttributes& attributes) {
  return MaxUnpoolOp{attributes.Integers("lengths")};
}

template <PoolKind kKind>
OperationPtr ReadPool(const OnnxAttributes& attributes) {
  return PoolOp{.kind = kKind,
                .sizes = attributes.Integers("sizes"),
                .strides = attributes.Integers("strides"),
                .dilations = attributes.Integers("dilations"),
                .padding = attributes.Paddings("padding"),
                .pad_mode = attributes.Mode("pad_mode"),
                .ceil_mode = attributes.Flag("ceil_mode"),
                .count_include_pad = kKind == PoolKind::kAverage && attributes.Flag("count_include_pad")};
}

template <PoolKind kKind>
void WriteGlobalPool(NodeWriter& node) {
  const char* type = kKind == PoolKind::kMax ? "GlobalMaxPool" : "GlobalAveragePool";
  const std::string input = node.Input(0, Layout::kChannelsFirst);
  if (node.attributes().Flag("keep_axes")) {
    node.Add(type, {input}, Layout::kChannelsFirst);
  } else {
    const std::string pooled = OutputOf(node.AddStep("pooled", type, {input}));
    Set(node.Add("Flatten", {pooled}, Layout::kOurs), "axis", int64_t{1});
  }
}

template <PoolKind kKind>
OperationPtr ReadGlobalPool(const OnnxAttributes& attributes) {
  return GlobalPoolOp{.kind = kKind, .keep_axes = attributes.Flag("keep_axes")};
}

}  // namespace

std::vector<OnnxOperation> OnnxWindowOperations() {
  return {
      {"Conv", WriteConv, ReadConv},
      {"MaxPool", WriteMaxPool, ReadPool<PoolKind::kMax>},
      {"AveragePool", WriteAveragePool, ReadPool<PoolKind::kAverage>},
      {"LpPool", WriteLpPool, ReadLpPool},
      {"MaxPoolIndices", WriteMaxPoolIndices, ReadMaxPoolIndices},
      {"MaxUnpool", WriteMaxUnpool, ReadMaxUnpool},
      {"ConvTranspose", WriteConvTranspose, ReadConvTranspose},
      {"GlobalMaxPool", WriteGlobalPool<PoolKind::kMax>, ReadGlobalPool<PoolKind::kMax>},
      {"GlobalAveragePool", WriteGlobalPool<PoolKind::kAverage>, ReadGlobalPool<PoolKind::kAverage>},
  };
}

}  // namespace convscope::internal
