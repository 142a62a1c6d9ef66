// Pictures of another size in ONNX: as Resize of opset 17 where that has the rule, else by one node an axis that picks
// or weights its places.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/resize_operation.h"

namespace convscope::internal {
namespace {

ResizeOp ResizeOf(const OnnxAttributes& attributes) {
  const auto flag = [&](const char* name) { return attributes.Has(name) && attributes.Flag(name); };
  const auto numbers = [&](const char* name) {
    return attributes.Has(name) ? ParseNumbersText(attributes.Word(name), name) : std::vector<double>{};
  };
  ResizeOp op{.scales = numbers("scales"),
              .mode = ParseResizeMode(attributes.Word("mode")),
              .coordinates = ParseResizeCoordinates(attributes.Word("coordinates")),
              .exclude_outside = flag("exclude_outside"),
              .roi = numbers("roi"),
              .antialias = flag("antialias")};
  if (attributes.Has("lengths")) op.lengths = attributes.Integers("lengths");
  if (attributes.Has("nearest")) op.nearest = ParseResizeNearest(attributes.Word("nearest"));
  if (attributes.Has("cubic_a")) op.cubic_a = attributes.Number("cubic_a");
  if (attributes.Has("extrapolation")) op.extrapolation = attributes.Number("extrapolation");
  return op;
}

OperationPtr ReadResize(const OnnxAttributes& attributes) {
  return ResizeOf(attributes);
}

std::vector<int64_t> OrderOfAxes(int rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Tensor Floats(const std::vector<double>& values) {
  Tensor tensor(Shape{static_cast<int64_t>(values.size())});
  std::transform(values.begin(), values.end(), tensor.data(), [](double x) { return static_cast<float>(x); });
  return tensor;
}

// Axis by axis: Gather where one place is picked, else a product with a matrix of the weights.
void WriteByAxes(NodeWriter& node, const ResizeOp& op, const std::vector<ResizedAxis>& axes) {
  std::string value = node.Input(0, Layout::kOurs);
  const auto rank = static_cast<int64_t>(axes.size());
  for (int64_t i = 0; i < rank; ++i) {
    if (axes[i].stays) continue;
    const AxisTaps taps = ResizeTaps(axes[i].axis);
    if (std::any_of(taps.taps.begin(), taps.taps.end(), [](const auto& list) { return list.empty(); })) {
      throw Error({.rule = "ONNX fills what is outside of a picture in Resize alone, by scales or by lengths",
                   .received = "both"});
    }
    if (op.mode == ResizeMode::kNearest) {
      std::vector<int64_t> places;
      for (const std::vector<Tap>& list : taps.taps) places.push_back(list[0].index);
      onnx_schema::NodeProto& picked =
          node.AddStep(Concat("axis_", i), "Gather", {value, node.Integers(Concat("places_", i), places)});
      value = OutputOf(Set(picked, "axis", i));
      continue;
    }
    const DType dtype = node.InputType(0).dtype;
    Tensor matrix = Tensor::Zeros(Shape{taps.in, taps.out()}, dtype);
    for (int64_t o = 0; o < taps.out(); ++o) {
      for (const Tap& tap : taps.taps[o]) {
        const int64_t at = tap.index * taps.out() + o;
        dtype == DType::kFloat64 ? matrix.data<double>()[at] = tap.weight
                                 : matrix.data()[at] = static_cast<float>(tap.weight);
      }
    }
    std::vector<int64_t> swapped = OrderOfAxes(static_cast<int>(rank));
    std::swap(swapped[i], swapped[rank - 1]);
    const auto turned = [&](const std::string& step, const std::string& from) {
      return i + 1 == rank ? from : OutputOf(Set(node.AddStep(step, "Transpose", {from}), "perm", swapped));
    };
    const std::string last = turned(Concat("turned_", i), value);
    const std::string weights = node.Constant(Concat("weights_", i), std::move(matrix));
    value = turned(Concat("axis_", i), OutputOf(node.AddStep(Concat("product_", i), "MatMul", {last, weights})));
  }
  node.Add("Identity", {value}, Layout::kOurs);
}

// The lengths of the result, the batch taken from the input where it stays.
std::string SizesInput(NodeWriter& node, const std::string& x, const std::vector<ResizedAxis>& axes, Layout layout) {
  std::vector<int64_t> lengths;
  for (const ResizedAxis& axis : axes) lengths.push_back(axis.axis.out);
  lengths = InLayout(lengths, layout);
  if (!axes[0].stays) return node.Integers("sizes", lengths);
  const std::string shape = OutputOf(node.AddStep("shape", "Shape", {x}));
  const std::string batch = OutputOf(
      node.AddStep("batch", "Slice", {shape, node.Integers("batch_from", {0}), node.Integers("batch_to", {1})}));
  if (lengths.size() == 1) return batch;
  lengths.erase(lengths.begin());
  return OutputOf(
      Set(node.AddStep("sizes", "Concat", {batch, node.Integers("other_sizes", lengths)}), "axis", int64_t{0}));
}

void WriteResize(NodeWriter& node) {
  const ResizeOp op = ResizeOf(node.attributes());
  const std::vector<ResizedAxis> axes = ResizedAxes(op, node.InputType(0).shape);
  bool by_scale = true, exact = true, shrinks = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    const ResizeAxis& axis = axes[i].axis;
    // Readers that multiply in double find another length where float32 rounds up to a whole one.
    const double length =
        std::floor(static_cast<double>(static_cast<float>(axis.scale)) * static_cast<double>(axis.in));
    by_scale = by_scale && (op.lengths.empty() || op.lengths[i] == 0) && static_cast<int64_t>(length) == axis.out;
    exact = exact && (axes[i].stays || axis.IsExact());
    shrinks = shrinks || axis.out < axis.in;
  }
  ResizeCoordinates coordinates = op.coordinates;
  if (coordinates == ResizeCoordinates::kHalfPixelSymmetric && exact) coordinates = ResizeCoordinates::kHalfPixel;
  // Antialias and the symmetric rule came later, that of old TensorFlow went. ONNX Runtime moves channels last before a
  // cubic that it then does not shrink by, and takes the output's whole length where the corners of scales lie between.
  if (op.antialias || coordinates == ResizeCoordinates::kHalfPixelSymmetric ||
      coordinates == ResizeCoordinates::kTfHalfPixelForNn || (!by_scale && !exact) ||
      (op.mode == ResizeMode::kCubic && shrinks) || (coordinates == ResizeCoordinates::kAlignCorners && !exact)) {
    WriteByAxes(node, op, axes);
    return;
  }
  // Runtimes enlarge the last axes best, which are then those of the picture; some cannot do others but by nearest.
  const bool last_moves = axes.size() > 2 && axes[1].stays && !axes.back().stays;
  const Layout layout = last_moves ? Layout::kOurs : Layout::kChannelsFirst;
  const bool outer_move = !axes[0].stays || !(last_moves ? axes[1] : axes.back()).stays;
  const bool by_axes = op.mode != ResizeMode::kNearest && coordinates != ResizeCoordinates::kTfCropAndResize;
  if (by_axes && axes.size() > 3 && outer_move) return WriteByAxes(node, op, axes);
  const std::vector<int64_t> order = InLayout(OrderOfAxes(node.rank()), layout);
  std::vector<std::string> inputs = {node.Input(0, layout), "", ""};
  if (!op.roi.empty()) {
    std::vector<double> roi;
    for (const size_t half : {size_t{0}, axes.size()}) {
      for (const int64_t axis : order) roi.push_back(op.roi[half + static_cast<size_t>(axis)]);
    }
    inputs[1] = node.Constant("roi", Floats(roi));
  }
  if (by_scale) {
    std::vector<double> scales;
    for (const int64_t axis : order) scales.push_back(op.scales.empty() ? 1 : op.scales[static_cast<size_t>(axis)]);
    inputs[2] = node.Constant("scales", Floats(scales));
  } else {
    inputs.push_back(SizesInput(node, inputs[0], axes, layout));
  }
  onnx_schema::NodeProto& resize = node.Add("Resize", inputs, layout);
  Set(Set(resize, "mode", std::string(Name(op.mode))), "coordinate_transformation_mode",
      std::string(Name(coordinates)));
  if (op.mode == ResizeMode::kNearest) Set(resize, "nearest_mode", std::string(Name(op.nearest)));
  if (op.mode == ResizeMode::kCubic) {
    Set(Set(resize, "cubic_coeff_a", static_cast<float>(op.cubic_a)), "exclude_outside", int64_t{op.exclude_outside});
  }
  if (op.extrapolation != 0) Set(resize, "extrapolation_value", static_cast<float>(op.extrapolation));
}

}  // namespace

std::vector<OnnxOperation> OnnxResizing() {
  return {{"Resize", WriteResize, ReadResize}};
}

}  // namespace convscope::internal
