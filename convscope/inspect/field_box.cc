#include "convscope/inspect/field_box.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/only_input.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/receptive_pixels.h"
#include "convscope/kernels/activation.h"
#include "convscope/kernels/window.h"

namespace convscope {
namespace {

// Places of an axis, first to last; both may lie outside of it, in padding.
struct Span {
  int64_t first = 0, last = 0;
};

// Of rows and columns; none: all of the tensor.
struct Places {
  std::array<Span, 2> axes;
  bool whole = false;
};

Places Hull(const Places& a, const Places& b) {
  Places hull{.axes = {}, .whole = a.whole || b.whole};
  for (size_t i = 0; i < 2; ++i) {
    hull.axes[i] = {std::min(a.axes[i].first, b.axes[i].first), std::max(a.axes[i].last, b.axes[i].last)};
  }
  return hull;
}

const Attribute* FindAttribute(const std::vector<Attribute>& attributes, std::string_view name) {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

// The value of a list for a spatial axis: one for all, or one each; 1 where there is no list.
int64_t ListValue(const std::vector<Attribute>& attributes, std::string_view name, size_t axis) {
  const Attribute* found = FindAttribute(attributes, name);
  const auto* list = found == nullptr ? nullptr : std::get_if<std::vector<int64_t>>(&found->value);
  if (list == nullptr || list->empty()) return 1;
  return list->size() == 1 ? list->front() : (*list)[axis];
}

// What stands before the first element of axis `axis` of a window over `in` elements: the "padding" of the attributes.
int64_t PaddedBefore(const std::vector<Attribute>& attributes, size_t axis, int64_t in, int64_t size, int64_t stride,
                     int64_t dilation) {
  const Attribute* found = FindAttribute(attributes, "padding");
  if (found == nullptr) return 0;
  const std::vector<std::string> list = Split(found->ValueText(), ',');
  const std::string& text = list.size() == 1 ? list[0] : list[axis];
  if (text == "valid") return 0;
  if (text == "same") {
    return MakeWindowAxis(in, size, stride, dilation, Padding::Same(), PadMode::kZero).pad_before;
  }
  return ParseInteger(Split(text, ':').front(), "padding");
}

int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Whether output (.., y, x, ..) of an operation depends on no other place of its inputs.
bool KeepsPlaces(const std::string& type) {
  static constexpr std::string_view kTypes[] = {
      "Add", "Mul", "Concat", "BatchNormalization", "LRN", "Normalization", "Dropout", "Scale", "PRelu", "Dense"};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes)) return true;
  std::vector<std::string> names = ActivationNames();  // "leaky_relu" is the operation LeakyRelu
  return std::any_of(names.begin(), names.end(), [&](std::string name) {
    std::erase(name, '_');
    return LowerCase(type) == name;
  });
}

// Whether the padding of an operation repeats what stands inside of the border.
bool PadsWithinPicture(const GraphNode& node) {
  const std::vector<Attribute> attributes = node.operation->attributes();
  for (const std::string_view name : {"pad_mode", "mode"}) {
    const Attribute* mode = FindAttribute(attributes, name);
    if (mode != nullptr && (mode->ValueText() == "reflect" || mode->ValueText() == "edge")) return true;
  }
  return false;
}

// The rectangle of the pixels that the channels at (row, column) read.
FieldBox BoxOfPixels(const Graph& graph, int tensor, int input, const MapShape& shape, int64_t row, int64_t column) {
  const GraphTensor& of = graph.tensors()[tensor];
  ElementMask wanted(static_cast<size_t>(of.type.shape.NumElements()), 0);
  std::fill_n(wanted.begin() + (row * shape.columns + column) * shape.channels, shape.channels, 1);
  const GraphTensor& picture = graph.tensors()[input];
  const ElementMask read = InputsBehind(graph, of.name, wanted).at(picture.name);
  const int64_t columns = picture.type.shape[2], channels = picture.type.shape[3];
  Span down{picture.type.shape[1], -1}, right{columns, -1};
  for (int64_t e = 0; e < picture.type.shape[1] * columns * channels; ++e) {
    if (read[static_cast<size_t>(e)] == 0) continue;
    const int64_t y = e / channels / columns, x = e / channels % columns;
    down = {std::min(down.first, y), std::max(down.last, y)};
    right = {std::min(right.first, x), std::max(right.last, x)};
  }
  return {down.first, right.first, down.last - down.first + 1, right.last - right.first + 1, false};
}

// The places of the first input that the places `out` of the only output depend on. Both have the shape (N, H, W, C).
Places Before(const GraphNode& node, const Shape& in, const Shape& kernel, const Places& out) {
  const std::string type(node.operation->type());
  const std::vector<Attribute> attributes = node.operation->attributes();
  const bool pool = type == "MaxPool" || type == "AveragePool";
  if (pool || type == "Conv") {
    const Attribute* mode = FindAttribute(attributes, "pad_mode");
    Places before;
    for (size_t i = 0; i < 2; ++i) {
      const int64_t size = pool ? ListValue(attributes, "sizes", i) : kernel[static_cast<int>(i)];
      const int64_t stride = ListValue(attributes, "strides", i), dilation = ListValue(attributes, "dilations", i);
      const int64_t length = in[static_cast<int>(i) + 1];
      const int64_t pad = PaddedBefore(attributes, i, length, size, stride, dilation);
      before.axes[i] = {out.axes[i].first * stride - pad, out.axes[i].last * stride - pad + dilation * (size - 1)};
      // Beyond one border there is the other side of the picture.
      const bool outside = before.axes[i].first < 0 || before.axes[i].last >= length;
      if (outside && mode != nullptr && mode->ValueText() == "wrap") before.whole = true;
    }
    return before;
  }
  if (type == "UpSample") {
    const bool nearest = FindAttribute(attributes, "interpolation")->ValueText() == "nearest";
    Places before;
    for (size_t i = 0; i < 2; ++i) {
      const int64_t size = ListValue(attributes, "sizes", i);
      // Between centres of pixels, output o lies at (2 o + 1 - size) / (2 size) of the input.
      const int64_t first =
          nearest ? FloorDivide(out.axes[i].first, size) : FloorDivide(2 * out.axes[i].first + 1 - size, 2 * size);
      const int64_t last =
          nearest ? FloorDivide(out.axes[i].last, size) : -FloorDivide(-(2 * out.axes[i].last + 1 - size), 2 * size);
      before.axes[i] = {first, last};
    }
    return before;
  }
  if (type == "Pad" || type == "Crop") {
    const Attribute* mode = FindAttribute(attributes, "mode");
    Places before;
    for (size_t i = 0; i < 2; ++i) {
      const int64_t cut = std::get<std::vector<int64_t>>(FindAttribute(attributes, "before")->value)[i + 1];
      const int64_t shift = type == "Pad" ? -cut : cut;
      before.axes[i] = {out.axes[i].first + shift, out.axes[i].last + shift};
      const bool outside = before.axes[i].first < 0 || before.axes[i].last >= in[static_cast<int>(i) + 1];
      if (outside && mode != nullptr && mode->ValueText() == "wrap") before.whole = true;
    }
    return before;
  }
  return {.axes = {}, .whole = true};
}

}  // namespace

FieldBox Inside(const FieldBox& box, int64_t rows, int64_t columns) {
  FieldBox inside = box;
  inside.row = std::clamp<int64_t>(box.row, 0, rows);
  inside.column = std::clamp<int64_t>(box.column, 0, columns);
  inside.rows = std::clamp<int64_t>(box.row + box.rows, 0, rows) - inside.row;
  inside.columns = std::clamp<int64_t>(box.column + box.columns, 0, columns) - inside.column;
  return inside;
}

FieldBox FieldBoxOf(const Graph& graph, std::string_view tensor, int64_t row, int64_t column) {
  const int input = graph.Find(
      OnlyPictureInput(graph, {.where = "receptive field",
                               .rule = "the graph has one input of pictures, (N, rows, columns, channels) float32"}));
  const int from = graph.Find(tensor);
  const MapShape shape = MapShapeOf(graph.tensors()[from].type.shape, tensor);
  if (row < 0 || row >= shape.rows || column < 0 || column >= shape.columns) {
    throw Error({.where = std::string(tensor),
                 .rule = Concat("there are rows 0 to ", shape.rows - 1, " and columns 0 to ", shape.columns - 1),
                 .received = Concat("row ", row, ", column ", column)});
  }
  bool repeats = false;
  std::vector<std::optional<Places>> places(graph.tensors().size());
  places[from] = Places{.axes = {Span{row, row}, Span{column, column}}, .whole = !shape.has_places};
  for (size_t n = graph.nodes().size(); n-- > 0;) {
    const GraphNode& node = graph.nodes()[n];
    std::optional<Places> out;
    for (const int output : node.outputs) {
      if (places[output]) out = out ? Hull(*out, *places[output]) : *places[output];
    }
    if (!out) continue;
    repeats = repeats || PadsWithinPicture(node);
    const auto shape_of = [&](int t) -> const Shape& { return graph.tensors()[t].type.shape; };
    for (const int read : node.inputs) {
      if (graph.tensors()[read].role == TensorRole::kParameter) continue;
      // A broadcast (the gate of a squeeze-and-excitation) is read everywhere, and so is a computed kernel.
      const Shape& in = shape_of(read);
      const Shape& made = shape_of(node.outputs[0]);
      const bool followed = !out->whole && in.rank() == 4 && made.rank() == 4 && node.outputs.size() == 1;
      Places before{.axes = {}, .whole = true};
      if (followed && KeepsPlaces(std::string(node.operation->type()))) {
        if (in[1] == made[1] && in[2] == made[2]) before = *out;
      } else if (followed && read == node.inputs[0]) {
        before = Before(node, in, node.inputs.size() > 1 ? shape_of(node.inputs[1]) : Shape{}, *out);
      }
      places[read] = places[read] ? Hull(*places[read], before) : before;
    }
  }
  if (!places[input]) {
    throw Error({.where = std::string(tensor),
                 .rule = "a receptive field is that of a tensor which depends on the picture",
                 .received = "one that does not"});
  }
  const Shape& picture = graph.tensors()[input].type.shape;
  if (places[input]->whole) return {0, 0, picture[1], picture[2], true};
  if (repeats) {
    const FieldBox box = BoxOfPixels(graph, from, input, shape, row, column);
    if (box.rows > 0) return box;  // else the value reads nothing but zeros of another padding
  }
  const auto& [rows, columns] = places[input]->axes;
  return {rows.first, columns.first, rows.last - rows.first + 1, columns.last - columns.first + 1, false};
}

}  // namespace convscope
