#include "convscope/nn/receptive_field.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// How the values of a tensor see one axis of the input.
struct Field {
  double size = 1;    // input places that a value sees
  double jump = 1;    // input places between the fields of neighbouring values; NaN: no one number
  double centre = 0;  // of the first value's field; NaN where jump is
  // Of all values together, where they are known to end; set where jump is NaN.
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  std::vector<int> axes = {};  // of the tensor: along which the field moves; none: all values see the same places
  int64_t length = 1;          // of the input's axis

  bool regular() const { return axes.size() == 1 && !std::isnan(jump); }
  bool MovesAlong(int axis) const { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }
};

// What a tensor sees of one input of the graph, an entry an axis of that.
struct Fields {
  int input = 0;
  std::vector<Field> of;
};

Field Fixed(const Field& field, double low, double high) {
  const auto last = static_cast<double>(field.length - 1);
  const double from = std::clamp(low, 0.0, last), to = std::clamp(high, 0.0, last);
  return {.size = to - from + 1, .jump = kNone, .centre = (from + to) / 2, .length = field.length};
}

// The field of values that see as much as all together.
Field Fixed(const Field& field) {
  return Fixed(field, field.low, field.high);
}

// The fields of places `first` to `last`, in no order along `axes`.
Field Irregular(Field field, int64_t first, int64_t last, std::vector<int> axes) {
  if (field.regular()) {
    field.low = field.centre - (field.size - 1) / 2 + field.jump * static_cast<double>(first);
    field.high = field.low + field.jump * static_cast<double>(last - first) + field.size - 1;
  }
  field.jump = field.centre = kNone;
  field.axes = std::move(axes);
  return field;
}

// A window of places `run` along the axis along which the field moves.
Field Through(Field field, const PlaceRun& run) {
  const auto per = static_cast<double>(run.per);
  const double further = std::ceil(static_cast<double>(run.last - run.first) / per);  // places, after the first one
  const double middle = static_cast<double>(run.first + run.last - (run.per - 1)) / 2 / per;
  field.centre += field.jump * middle;
  field.size += field.jump * std::max(0.0, further);
  // Multiplied first: 49 * (1 / 49) is no 1.
  field.jump = field.jump * static_cast<double>(run.step) / per;
  return field;
}

// The places `first` to `last` of the axis along which the field moves, whatever the output's place.
Field Over(const Field& field, int64_t first, int64_t last) {
  const double low = field.centre - (field.size - 1) / 2;
  return Fixed(field, low + field.jump * static_cast<double>(first),
               low + field.jump * static_cast<double>(last) + field.size - 1);
}

// What is read by `reads` along the axes of the tensor.
Field Along(const Field& field, const std::vector<AxisReads>& reads) {
  if (field.regular()) {
    const AxisReads& one = reads[field.axes[0]];
    if (one.output_axis < 0) return Over(field, one.lists[0].front(), one.lists[0].back());
    if (one.same || one.run) {
      Field moved = field;
      moved.axes = {one.output_axis};
      return one.same ? moved : Through(std::move(moved), *one.run);
    }
  }
  // Lists of one place each see no more than before, but who knows where.
  std::vector<int> axes;
  int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
  bool single = true;
  for (const int axis : field.axes) {
    for (const std::vector<int64_t>& list : reads[axis].lists) {
      single = single && list.size() <= 1;
      for (const int64_t place : list) first = std::min(first, place), last = std::max(last, place);
    }
    if (reads[axis].output_axis >= 0) axes.push_back(reads[axis].output_axis);
  }
  if (field.axes.empty()) return field;
  const Field moved = Irregular(field, first, last, std::move(axes));
  return single ? moved : Fixed(moved);
}

// Axes of a shape and of another one with the same elements in the same order, in groups that hold the same ones: each
// axis that is alone keeps its places.
struct AxisGroup {
  std::vector<int> from, to;
};

std::vector<AxisGroup> GroupsOf(const Shape& in, const Shape& out) {
  if (in.NumElements() == 0) return {};
  std::vector<AxisGroup> groups;
  int from = 0, to = 0;
  while (from < in.rank() || to < out.rank()) {
    AxisGroup group;
    int64_t left = 1, right = 1;
    const auto take_left = [&] {
      left *= in[from];
      if (in[from] != 1) group.from.push_back(from);
      ++from;
    };
    const auto take_right = [&] {
      right *= out[to];
      if (out[to] != 1) group.to.push_back(to);
      ++to;
    };
    if (from < in.rank()) take_left();
    if (to < out.rank()) take_right();
    while (left != right) left < right ? take_left() : take_right();
    groups.push_back(std::move(group));
  }
  return groups;
}

Field Reshaped(const Field& field, const Shape& in, const Shape& out) {
  std::vector<int> axes;
  bool alone = true;
  for (const AxisGroup& group : GroupsOf(in, out)) {
    const bool moves = std::any_of(group.from.begin(), group.from.end(), [&](int a) { return field.MovesAlong(a); });
    if (!moves) continue;
    axes.insert(axes.end(), group.to.begin(), group.to.end());
    alone = alone && group.from.size() == 1 && group.to.size() == 1;
  }
  if (axes.empty()) return field.regular() ? Over(field, 0, 0) : field;  // it moved along an axis of one place
  if (!alone) return Irregular(field, 0, field.regular() ? in[field.axes[0]] - 1 : 0, std::move(axes));
  Field moved = field;
  moved.axes = std::move(axes);
  return moved;
}

// Of a value that sees what both see.
Field Both(const Field& a, const Field& b) {
  if (a.axes.empty() && b.axes.empty() && !std::isnan(a.centre + b.centre)) {
    return Fixed(a, std::min(a.centre - (a.size - 1) / 2, b.centre - (b.size - 1) / 2),
                 std::max(a.centre + (a.size - 1) / 2, b.centre + (b.size - 1) / 2));
  }
  if (a.regular() && b.regular() && a.axes == b.axes && a.jump == b.jump) {
    const double low = std::min(a.centre - (a.size - 1) / 2, b.centre - (b.size - 1) / 2);
    const double high = std::max(a.centre + (a.size - 1) / 2, b.centre + (b.size - 1) / 2);
    Field both = a;
    both.size = high - low + 1;
    both.centre = (low + high) / 2;
    return both;
  }
  // One of them sees all, or they move apart.
  for (const Field* one : {&a, &b}) {
    if (one->axes.empty() && one->size >= static_cast<double>(one->length)) return *one;
  }
  return Fixed(Field{.length = a.length});
}

// "3" for what is the same along all axes.
std::string AxesText(const std::vector<double>& values) {
  std::string text, first;
  bool same = true;
  for (const double value : values) {
    const std::string one = std::isnan(value) ? "-" : ShortestText(value);
    if (text.empty()) first = one;
    same = same && one == first;
    text += (text.empty() ? "" : " x ") + one;
  }
  return values.empty() ? "-" : same ? first : text;
}

class Follower {
 public:
  explicit Follower(const Graph& graph) : graph_(graph), fields_(graph.tensors().size()) {}

  std::map<std::string, ReceptiveField> Follow() {
    for (size_t t = 0; t < fields_.size(); ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      if (tensor.role != TensorRole::kInput) continue;
      fields_[t] = Fields{.input = static_cast<int>(t), .of = {}};
      for (int axis = 0; axis < tensor.type.shape.rank(); ++axis) {
        fields_[t]->of.push_back({.axes = {axis}, .length = tensor.type.shape[axis]});
      }
    }
    for (const GraphNode& node : graph_.nodes()) {
      const std::optional<Fields> after = After(node);
      for (const int output : node.outputs) fields_[output] = after;
    }
    std::map<std::string, ReceptiveField> told;
    for (size_t t = 0; t < fields_.size(); ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      if (tensor.role == TensorRole::kComputed && fields_[t]) told[tensor.name] = Report(*fields_[t]);
    }
    return told;
  }

 private:
  // The axis of the input's channels: the last, unless a window slides over that; then another, over which none does.
  int ChannelAxis(int input) const {
    const int last = graph_.tensors()[input].type.shape.rank() - 1;
    if (last < 2) return -1;
    if (!windowed_.contains({input, last})) return last;
    int axis = 1;
    while (axis < last && windowed_.contains({input, axis})) ++axis;
    return axis < last ? axis : -1;
  }

  ReceptiveField Report(const Fields& fields) const {
    ReceptiveField told;
    bool whole = true;
    const int channels = ChannelAxis(fields.input);
    for (size_t axis = 1; axis < fields.of.size(); ++axis) {
      if (static_cast<int>(axis) == channels) continue;
      const Field& field = fields.of[axis];
      told.unbounded.push_back(static_cast<int64_t>(std::ceil(field.size)));
      told.size.push_back(std::min(field.length, told.unbounded.back()));
      const bool moves = field.regular();
      told.stride.push_back(moves ? field.jump : kNone);
      told.offset.push_back(moves ? field.centre : kNone);
      whole = whole && !moves && told.size.back() == field.length && field.axes.empty();
    }
    if (told.unbounded == told.size) told.unbounded.clear();
    return whole ? ReceptiveField{} : told;
  }

  // Places are listed one by one. Of more than these on axes that no picture has, what is read is not looked at, and so
  // is everything.
  bool IsTooLong(const GraphNode& node) {
    constexpr int64_t kLong = 1 << 12;
    int64_t longest = 0;
    for (const auto& tensors : {node.inputs, node.outputs}) {
      for (const int tensor : tensors) {
        for (const int64_t length : graph_.tensors()[tensor].type.shape.lengths()) longest = std::max(longest, length);
      }
    }
    if (longest > kLong) places_left_ -= longest;
    return longest > kLong && places_left_ < 0;
  }

  // Nothing where no input is followed (a computed kernel).
  std::optional<Fields> After(const GraphNode& node) {
    std::vector<InputReads> reads(node.inputs.size());
    if (node.outputs.size() == 1 && !IsTooLong(node)) reads = node.operation->Reads(graph_.InputTypes(node));
    std::optional<Fields> after;
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      const std::optional<Fields>& before = fields_[node.inputs[k]];
      if (!before || reads[k].kind == InputReads::Kind::kNothing) continue;
      Fields one{.input = before->input, .of = {}};
      for (size_t axis = 0; axis < before->of.size(); ++axis) {
        const Field& field = before->of[axis];
        one.of.push_back(OneAfter(field, node, k, reads[k]));
        if (reads[k].kind != InputReads::Kind::kAxes) continue;
        const bool windowed = std::any_of(field.axes.begin(), field.axes.end(), [&](int moving) {
          const std::optional<PlaceRun>& run = reads[k].axes[moving].run;
          return run && run->window;
        });
        if (windowed) windowed_.emplace(before->input, static_cast<int>(axis));
      }
      if (!after || one.input < after->input) {
        after = std::move(one);
      } else if (one.input == after->input) {
        for (size_t axis = 0; axis < one.of.size(); ++axis) after->of[axis] = Both(after->of[axis], one.of[axis]);
      }
    }
    return after;
  }

  Field OneAfter(const Field& field, const GraphNode& node, size_t k, const InputReads& reads) const {
    const Shape& in = graph_.tensors()[node.inputs[k]].type.shape;
    const Shape& out = graph_.tensors()[node.outputs[0]].type.shape;
    if (reads.kind == InputReads::Kind::kSameElements) return in == out ? field : Reshaped(field, in, out);
    if (reads.kind == InputReads::Kind::kAxes) return Along(field, reads.axes);
    if (field.axes.empty()) return field;
    return field.regular() ? Over(field, 0, in[field.axes[0]] - 1) : Fixed(field);
  }

  const Graph& graph_;
  std::vector<std::optional<Fields>> fields_;    // of each tensor
  int64_t places_left_ = int64_t{1} << 22;       // that may still be listed
  std::set<std::pair<int, int>> windowed_ = {};  // inputs, and axes of them over which some window slides
};

}  // namespace

std::string ReceptiveField::ToString() const {
  std::string text;
  for (const int64_t length : pixels()) text += (text.empty() ? "" : " x ") + std::to_string(length);
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
