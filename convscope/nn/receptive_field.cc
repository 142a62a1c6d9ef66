#include "convscope/nn/receptive_field.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/kernels/activation.h"

namespace convscope {
namespace {

constexpr double kAll = std::numeric_limits<double>::infinity();

// What one step along an axis of a tensor is in the input.
struct Axis {
  double size = 1;     // input pixels that a value sees
  double jump = 1;     // input pixels between neighbouring values
  double first = 0;    // the centre of what the first value sees
  int64_t length = 1;  // of the input's axis
  bool channel = false;
};
using Axes = std::vector<Axis>;

const Attribute* FindAttribute(const std::vector<Attribute>& attributes, std::string_view name) {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

// The value of a list for a spatial axis: one for all, or one each.
int64_t ListValue(const std::vector<Attribute>& attributes, std::string_view name, size_t axis) {
  const Attribute* found = FindAttribute(attributes, name);
  const auto* list = found == nullptr ? nullptr : std::get_if<std::vector<int64_t>>(&found->value);
  if (list == nullptr || list->empty()) return 1;
  return list->size() == 1 ? list->front() : (*list)[axis];
}

std::vector<int64_t> LongerThanOne(const Shape& shape) {
  std::vector<int64_t> lengths;
  for (int axis = 1; axis < shape.rank(); ++axis) {
    if (shape[axis] != 1) lengths.push_back(shape[axis]);
  }
  return lengths;
}

// What is added before an axis of a window, from the text of its attribute: "valid", "same", "1:2", and for several
// axes "1:1,2:2". `same` is so much that a window of `extent` leads from `in` to `out` elements.
int64_t PaddingBefore(const std::vector<Attribute>& attributes, size_t axis, int64_t extent, int64_t stride, int64_t in,
                      int64_t out) {
  const Attribute* found = FindAttribute(attributes, "padding");
  if (found == nullptr) return 0;
  const std::vector<std::string> all = Split(found->ValueText(), ',');
  const std::string& text = all.size() == 1 ? all.front() : all[axis];
  if (text == "same") return std::max<int64_t>(0, extent + (out - 1) * stride - in) / 2;
  const size_t colon = text.find(':');
  return colon == std::string::npos ? 0 : ParseInteger(text.substr(0, colon), "padding");
}

// "3" for what is the same along all axes.
std::string AxesText(const std::vector<double>& values) {
  std::string text;
  bool same = true;
  for (const double value : values) {
    same = same && value == values.front();
    text += (text.empty() ? "" : " x ") + (std::isnan(value) ? "-" : ShortestText(value));
  }
  return values.empty() ? "-" : same ? ShortestText(values.front()) : text;
}

class Follower {
 public:
  explicit Follower(const Graph& graph) : graph_(graph), axes_(graph.tensors().size()) {}

  std::map<std::string, ReceptiveField> Follow() {
    for (size_t t = 0; t < axes_.size(); ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      if (tensor.role != TensorRole::kInput) continue;
      axes_[t].emplace();
      for (const int64_t length : tensor.type.shape.lengths()) axes_[t]->push_back({.length = length});
    }
    std::map<std::string, ReceptiveField> fields;
    for (const GraphNode& node : graph_.nodes()) {
      const std::optional<Axes> axes = After(node);
      for (const int output : node.outputs) {
        axes_[output] = axes;
        if (axes) fields[graph_.tensors()[output].name] = Report(*axes);
      }
    }
    return fields;
  }

 private:
  static ReceptiveField Report(const Axes& axes) {
    const bool marked = std::any_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.channel; });
    ReceptiveField field;
    for (size_t i = 1; i < axes.size(); ++i) {
      // What nobody has convolved yet keeps its channels last.
      if (axes[i].channel || (!marked && axes.size() > 2 && i + 1 == axes.size())) continue;
      if (axes[i].size == kAll && axes[i].length == 0) return {};
      const bool all = axes[i].size == kAll;
      field.size.push_back(
          std::min(axes[i].length, all ? axes[i].length : static_cast<int64_t>(std::ceil(axes[i].size))));
      field.stride.push_back(all ? std::nan("") : axes[i].jump);
      field.offset.push_back(all ? std::nan("") : axes[i].first);
    }
    return field;
  }

  // Nothing where no input is followed (a computed kernel).
  std::optional<Axes> After(const GraphNode& node) const {
    const std::optional<Axes>& first = axes_[node.inputs.at(0)];
    if (!first) return std::nullopt;
    const std::string type(node.operation->type());
    const std::vector<Attribute> attributes = node.operation->attributes();
    const Shape& in = graph_.tensors()[node.inputs[0]].type.shape;
    const Shape& out = graph_.tensors()[node.outputs[0]].type.shape;
    Axes axes = *first;

    if (type == "Conv" || type == "MaxPool" || type == "AveragePool" || type == "ConvTranspose") {
      for (size_t i = 0; i + 2 < axes.size(); ++i) {
        const bool pool = type.ends_with("Pool");
        const int64_t size =
            pool ? ListValue(attributes, "sizes", i) : graph_.tensors()[node.inputs[1]].type.shape[static_cast<int>(i)];
        const int64_t extent = ListValue(attributes, "dilations", i) * (size - 1) + 1;
        const int64_t stride = ListValue(attributes, "strides", i);
        Axis& axis = axes[i + 1];
        const int64_t small = (type == "ConvTranspose" ? in : out)[static_cast<int>(i) + 1];
        const int64_t large = (type == "ConvTranspose" ? out : in)[static_cast<int>(i) + 1];
        const auto before = static_cast<double>(PaddingBefore(attributes, i, extent, stride, large, small));
        const double middle = static_cast<double>(extent - 1) / 2 - before;  // of the first window
        if (type == "ConvTranspose") {
          axis.first -= axis.jump * middle / static_cast<double>(stride);
          // Of the kernel, every stride-th element meets an input.
          axis.size += static_cast<double>((extent + stride - 1) / stride - 1) * axis.jump;
          axis.jump /= static_cast<double>(stride);
        } else {
          axis.first += axis.jump * middle;
          axis.size += static_cast<double>(extent - 1) * axis.jump;
          axis.jump *= static_cast<double>(stride);
        }
      }
      axes.back().channel = true;
      return axes;
    }
    if (type == "UpSample") {
      const Attribute* way = FindAttribute(attributes, "interpolation");
      const bool nearest = way != nullptr && way->ValueText() == "nearest";
      for (size_t i = 0; i + 2 < axes.size(); ++i) {
        // Output o lies at (o + 1/2) / size - 1/2.
        const auto size = static_cast<double>(ListValue(attributes, "sizes", i));
        if (!nearest) axes[i + 1].size += axes[i + 1].jump;
        axes[i + 1].first += axes[i + 1].jump * (0.5 / size - 0.5);
        axes[i + 1].jump /= size;
      }
      axes.back().channel = true;
      return axes;
    }
    if (type == "GlobalMaxPool" || type == "GlobalAveragePool") {
      for (size_t i = 1; i + 1 < axes.size(); ++i) axes[i].size = kAll;
      axes.back().channel = true;
      if (out.rank() == in.rank()) return axes;
      return Axes{axes.front(), {.size = kAll, .length = 0}};
    }
    if (type == "Transpose") {
      Axes turned;
      for (size_t i = 0; i < axes.size(); ++i)
        turned.push_back(axes[static_cast<size_t>(ListValue(attributes, "axes", i))]);
      return turned;
    }
    if (type == "Reshape") return Reshaped(axes, in, out);
    if (type == "Dense") {  // mixes the last axis
      Axis& last = axes.back();
      if (axes.size() > 2) last.channel = true;
      if (!last.channel) last.size = kAll;
      return axes;
    }
    if (type == "LayerNormalization") {
      const int64_t from = std::get<int64_t>(FindAttribute(attributes, "axis")->value);
      const auto rank = static_cast<int64_t>(axes.size());
      for (int64_t i = from < 0 ? from + rank : from; i + 1 < rank; ++i) axes[static_cast<size_t>(i)].size = kAll;
      return axes;
    }
    if (type == "Pad" || type == "Crop") {
      for (size_t i = 1; i + 1 < axes.size(); ++i) {
        const double before = axes[i].jump * static_cast<double>(ListValue(attributes, "before", i));
        axes[i].first += type == "Pad" ? -before : before;
      }
      return axes;
    }
    if (KeepsPlaces(type)) {
      for (const int input : node.inputs) {
        const std::optional<Axes>& other = axes_[input];
        if (!other || other->size() != axes.size()) continue;
        for (size_t i = 0; i < axes.size(); ++i) {
          if ((*other)[i].size > axes[i].size) axes[i].first = (*other)[i].first;  // the larger field is the sum's
          axes[i].size = std::max(axes[i].size, (*other)[i].size);
          axes[i].jump = std::max(axes[i].jump, (*other)[i].jump);
          axes[i].length = std::max(axes[i].length, (*other)[i].length);
          axes[i].channel = axes[i].channel || (*other)[i].channel;
        }
      }
      return axes;
    }
    return Axes(static_cast<size_t>(out.rank()), {.size = kAll, .length = 0});
  }

  static bool KeepsPlaces(const std::string& type) {
    static constexpr std::string_view kTypes[] = {
        "Add", "Mul", "Concat", "BatchNormalization", "LRN", "Normalization", "Dropout", "Scale", "PRelu"};
    if (std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes)) return true;
    std::vector<std::string> names = ActivationNames();  // "leaky_relu" is the operation LeakyRelu
    return std::any_of(names.begin(), names.end(), [&](std::string name) {
      std::erase(name, '_');
      return std::equal(name.begin(), name.end(), type.begin(), type.end(),
                        [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    });
  }

  // Axes of length 1 that come and go change nothing; any other new shape mixes all places.
  static Axes Reshaped(const Axes& axes, const Shape& in, const Shape& out) {
    if (LongerThanOne(in) != LongerThanOne(out)) {
      return Axes(static_cast<size_t>(out.rank()), {.size = kAll, .length = 0});
    }
    Axes result = {axes.front()};
    size_t from = 1;
    for (int axis = 1; axis < out.rank(); ++axis) {
      if (out[axis] == 1) {
        result.push_back({});
        continue;
      }
      while (in[static_cast<int>(from)] == 1) ++from;
      result.push_back(axes[from++]);
    }
    return result;
  }

  const Graph& graph_;
  std::vector<std::optional<Axes>> axes_;  // of each tensor
};

}  // namespace

std::string ReceptiveField::ToString() const {
  std::string text;
  for (const int64_t length : size) text += (text.empty() ? "" : " x ") + std::to_string(length);
  return whole() ? "all" : text;
}

std::string ReceptiveField::StrideText() const {
  return AxesText(stride);
}

std::string ReceptiveField::OffsetText() const {
  return AxesText(offset);
}

std::map<std::string, ReceptiveField> ReceptiveFields(const Graph& graph) {
  return Follower(graph).Follow();
}

}  // namespace convscope
