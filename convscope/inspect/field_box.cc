#include "convscope/inspect/field_box.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/only_input.h"
#include "convscope/inspect/maps.h"

namespace convscope {
namespace {

// Places of an axis, first to last; both may lie outside of it, in padding.
struct Span {
  int64_t first = 0, last = 0;
  bool all = false;  // made of all places of an axis further on, so that what lies outside was never read
};
using Spans = std::vector<Span>;  // one an axis

Span Hull(const Span& a, const Span& b) {
  return {std::min(a.first, b.first), std::max(a.last, b.last), a.all || b.all};
}

Spans AllOf(const Shape& shape) {
  Spans spans;
  for (const int64_t length : shape.lengths()) spans.push_back({0, length - 1, true});
  return spans;
}

// From the least to the greatest of the places that outputs `out` have in their lists; none where these are empty.
std::optional<Span> Listed(const AxisReads& reads, const Span& out, int64_t outputs) {
  std::optional<Span> span;
  for (int64_t o = std::max<int64_t>(out.first, 0); o <= std::min(out.last, outputs - 1); ++o) {
    int64_t buffer = 0;
    for (const int64_t place : reads.Places(o, buffer)) {
      const Span one{place, place, out.all};
      span = span ? Hull(*span, one) : one;
    }
  }
  return span;
}

// Of an input's axis, of length `in`. Nothing where no place of it is read.
std::optional<Span> Before(const AxisReads& reads, const Spans& out, const Shape& made, int64_t in) {
  if (reads.output_axis < 0) {
    const auto [least, most] = std::minmax_element(reads.lists[0].begin(), reads.lists[0].end());
    if (least == reads.lists[0].end()) return std::nullopt;
    return Span{*least, *most, *least == 0 && *most + 1 == in};
  }
  const Span& of_output = out[reads.output_axis];
  if (reads.same) return of_output;
  if (!reads.run || of_output.all) return Listed(reads, of_output, made[reads.output_axis]);
  const Span span{reads.run->First(of_output.first), reads.run->Last(of_output.last)};
  if (span.first > span.last) return std::nullopt;
  return span;
}

// Whether some of an operation's windows reach into a padding that repeats pixels, whose places the lists name and the
// run does not. An operation's attributes tell it: lists of one padding pixel look like those of zeros.
bool Repeats(const Operation& operation, const InputReads& reads, const Shape& in) {
  const std::vector<Attribute> attributes = operation.attributes();
  const bool repeating = std::any_of(attributes.begin(), attributes.end(), [](const Attribute& attribute) {
    const bool of_padding = attribute.name == "pad_mode" || attribute.name == "mode";
    return of_padding && attribute.ValueText() != Name(PadMode::kZero);
  });
  if (!repeating) return false;
  for (size_t axis = 0; axis < reads.axes.size(); ++axis) {
    const AxisReads& of_axis = reads.axes[axis];
    if (!of_axis.run || of_axis.lists.empty()) continue;
    const auto last = static_cast<int64_t>(of_axis.lists.size()) - 1;
    if (of_axis.run->First(0) < 0 || of_axis.run->Last(last) >= in[static_cast<int>(axis)]) return true;
  }
  return false;
}

// The same elements, in the order of memory, of another shape: those of axes that only lost or won axes of length 1,
// and of one element; else all.
Spans Reshaped(const Spans& out, const Shape& made, const Shape& in) {
  const auto long_axes = [](const Shape& shape) {
    std::vector<int> axes;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] != 1) axes.push_back(axis);
    }
    return axes;
  };
  const std::vector<int> from = long_axes(in), to = long_axes(made);
  const bool kept = from.size() == to.size() &&
                    std::equal(from.begin(), from.end(), to.begin(), [&](int a, int b) { return in[a] == made[b]; });
  Spans spans = AllOf(in);
  if (kept) {
    for (size_t i = 0; i < from.size(); ++i) spans[from[i]] = out[to[i]];
    for (int axis = 0; axis < in.rank(); ++axis) spans[axis].all = spans[axis].all && in[axis] != 1;
    return spans;
  }
  int64_t element = 0;
  for (int axis = 0; axis < made.rank(); ++axis) {
    if (out[axis].first != out[axis].last || out[axis].first < 0 || out[axis].first >= made[axis]) return spans;
    element = element * made[axis] + out[axis].first;
  }
  for (int axis = in.rank(); axis-- > 0; element /= in[axis]) {
    spans[axis] = {element % in[axis], element % in[axis], false};
  }
  return spans;
}

// Places of an axis that are read, an entry a place; and those of all axes of a tensor.
using PlaceSet = std::vector<bool>;
using PlaceSets = std::vector<PlaceSet>;

PlaceSets SetsOf(const Spans& spans, const Shape& shape) {
  PlaceSets sets;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    PlaceSet& set = sets.emplace_back(static_cast<size_t>(shape[axis]));
    const int64_t first = std::max<int64_t>(spans[axis].first, 0), last = std::min(spans[axis].last, shape[axis] - 1);
    for (int64_t place = first; place <= last; ++place) set[static_cast<size_t>(place)] = true;
  }
  return sets;
}

// From the first to the last of each; none of the sets is empty.
Spans HullsOf(const PlaceSets& sets) {
  Spans spans;
  for (const PlaceSet& set : sets) {
    const auto first = std::find(set.begin(), set.end(), true);
    const auto last = std::find(set.rbegin(), set.rend(), true);
    spans.push_back({first - set.begin(), set.rend() - last - 1, false});
  }
  return spans;
}

void AddTo(const PlaceSets& some, PlaceSets* sets) {
  for (size_t axis = 0; axis < some.size(); ++axis) {
    for (size_t place = 0; place < some[axis].size(); ++place) {
      if (some[axis][place]) (*sets)[axis][place] = true;
    }
  }
}

// Of an input's axis, of length `in`. Nothing where no place of it is read.
std::optional<PlaceSet> SetBefore(const AxisReads& reads, const PlaceSets& out, int64_t in) {
  if (reads.output_axis >= 0 && reads.same) return out[static_cast<size_t>(reads.output_axis)];
  PlaceSet set(static_cast<size_t>(in));
  bool any = false;
  const auto add = [&](int64_t output) {
    int64_t buffer = 0;
    for (const int64_t place : reads.Places(output, buffer)) set[static_cast<size_t>(place)] = any = true;
  };
  if (reads.output_axis < 0) {
    add(0);
  } else {
    const PlaceSet& outputs = out[static_cast<size_t>(reads.output_axis)];
    for (size_t output = 0; output < outputs.size(); ++output) {
      if (outputs[output]) add(static_cast<int64_t>(output));
    }
  }
  if (!any) return std::nullopt;
  return set;
}

// The graph's one input of pictures.
int PictureInputOf(const Graph& graph) {
  return graph.Find(
      OnlyPictureInput(graph, {.where = "receptive field",
                               .rule = "the graph has one input of pictures, (N, rows, columns, channels) float32"}));
}

}  // namespace

class FieldBoxes::Walk {
 public:
  Walk(const Graph& graph, std::string_view tensor)
      : graph_(graph),
        input_(PictureInputOf(graph)),
        from_(graph.Find(tensor)),
        shape_(MapShapeOf(graph.tensors()[from_].type.shape, tensor)) {
    std::vector<bool> wanted(graph.tensors().size());
    wanted[from_] = true;
    for (size_t n = graph.nodes().size(); n-- > 0;) {
      const GraphNode& node = graph.nodes()[n];
      if (std::none_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return wanted[t]; })) continue;
      Step step{.node = &node, .reads = std::vector<InputReads>(node.inputs.size())};
      if (node.outputs.size() == 1) step.reads = node.operation->Reads(graph.InputTypes(node));
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        const bool parameter = graph.tensors()[node.inputs[k]].role == TensorRole::kParameter;
        if (!parameter && step.reads[k].kind != InputReads::Kind::kNothing) wanted[node.inputs[k]] = true;
        repeats_ = repeats_ || Repeats(*node.operation, step.reads[k], ShapeOf(node.inputs[k]));
      }
      steps_.push_back(std::move(step));
    }
    if (!wanted[input_]) {
      throw Error({.where = std::string(tensor),
                   .rule = "a receptive field is that of a tensor which depends on the picture",
                   .received = "one that does not"});
    }
  }

  FieldBox At(int64_t row, int64_t column) const {
    if (row < 0 || row >= shape_.rows || column < 0 || column >= shape_.columns) {
      throw Error({.where = graph_.tensors()[from_].name,
                   .rule = Concat("there are rows 0 to ", shape_.rows - 1, " and columns 0 to ", shape_.columns - 1),
                   .received = Concat("row ", row, ", column ", column)});
    }
    const Shape& picture = ShapeOf(input_);
    const std::optional<Spans> spans = Back(row, column);
    if (!spans) return {0, 0, 0, 0, false};
    Span rows = (*spans)[1], columns = (*spans)[2];
    const auto clip = [](Span& span, int64_t length) {
      if (!span.all) return false;
      span = {std::max<int64_t>(span.first, 0), std::min(span.last, length - 1), true};
      return span.first == 0 && span.last == length - 1;
    };
    const bool all_rows = clip(rows, picture[1]), all_columns = clip(columns, picture[2]);
    if (all_rows && all_columns) return {0, 0, picture[1], picture[2], true};
    if (repeats_) {
      const FieldBox box = BoxOfPlaces(row, column);
      if (box.rows > 0) return box;  // else the value reads nothing but zeros of another padding
    }
    return {rows.first, columns.first, rows.last - rows.first + 1, columns.last - columns.first + 1, false};
  }

 private:
  struct Step {
    const GraphNode* node;
    std::vector<InputReads> reads;  // one an input of the node
  };

  const Shape& ShapeOf(int tensor) const { return graph_.tensors()[tensor].type.shape; }

  // Places of the input, an entry an axis; none where nothing of it is read.
  std::optional<Spans> Back(int64_t row, int64_t column) const {
    std::vector<std::optional<Spans>> places(graph_.tensors().size());
    places[from_] = AllOf(ShapeOf(from_));
    if (shape_.has_places) {
      (*places[from_])[1] = {row, row};
      (*places[from_])[2] = {column, column};
    }
    for (const Step& step : steps_) {
      const std::optional<Spans>& out = places[step.node->outputs[0]];
      if (step.node->outputs.size() == 1 && !out) continue;
      for (size_t k = 0; k < step.node->inputs.size(); ++k) {
        const int read = step.node->inputs[k];
        if (graph_.tensors()[read].role == TensorRole::kParameter) continue;
        const std::optional<Spans> before = BeforeInput(step, k, out);
        if (!before) continue;
        if (!places[read]) {
          places[read] = before;
          continue;
        }
        for (size_t axis = 0; axis < before->size(); ++axis) {
          (*places[read])[axis] = Hull((*places[read])[axis], (*before)[axis]);
        }
      }
    }
    return places[input_];
  }

  std::optional<Spans> BeforeInput(const Step& step, size_t k, const std::optional<Spans>& out) const {
    const Shape& in = ShapeOf(step.node->inputs[k]);
    const Shape& made = ShapeOf(step.node->outputs[0]);
    const InputReads& reads = step.reads[k];
    switch (reads.kind) {
      case InputReads::Kind::kNothing:
        return std::nullopt;
      case InputReads::Kind::kEverything:
        return AllOf(in);
      case InputReads::Kind::kSameElements:
        return in == made ? *out : Reshaped(*out, made, in);
      case InputReads::Kind::kAxes:
        break;
    }
    Spans spans;
    for (int axis = 0; axis < in.rank(); ++axis) {
      const std::optional<Span> span = Before(reads.axes[axis], *out, made, in[axis]);
      if (!span) return std::nullopt;
      spans.push_back(*span);
    }
    return spans;
  }

  // The rectangle of the pixels that the channels at (row, column) read; of no size where there is none. By the very
  // places of each axis, since what repeats pixels turns the order of places round.
  FieldBox BoxOfPlaces(int64_t row, int64_t column) const {
    std::vector<std::optional<PlaceSets>> places(graph_.tensors().size());
    Spans spans = AllOf(ShapeOf(from_));
    if (shape_.has_places) {
      spans[1] = {row, row};
      spans[2] = {column, column};
    }
    places[from_] = SetsOf(spans, ShapeOf(from_));
    for (const Step& step : steps_) {
      const std::optional<PlaceSets>& out = places[step.node->outputs[0]];
      if (step.node->outputs.size() == 1 && !out) continue;
      for (size_t k = 0; k < step.node->inputs.size(); ++k) {
        const int read = step.node->inputs[k];
        if (graph_.tensors()[read].role == TensorRole::kParameter) continue;
        std::optional<PlaceSets> before = SetsBeforeInput(step, k, out);
        if (!before) continue;
        if (places[read]) AddTo(*places[read], &*before);
        places[read] = std::move(before);
      }
    }
    if (!places[input_]) return {0, 0, 0, 0, false};
    const Spans hulls = HullsOf(*places[input_]);
    return {hulls[1].first, hulls[2].first, hulls[1].last - hulls[1].first + 1, hulls[2].last - hulls[2].first + 1,
            false};
  }

  std::optional<PlaceSets> SetsBeforeInput(const Step& step, size_t k, const std::optional<PlaceSets>& out) const {
    const Shape& in = ShapeOf(step.node->inputs[k]);
    const Shape& made = ShapeOf(step.node->outputs[0]);
    const InputReads& reads = step.reads[k];
    switch (reads.kind) {
      case InputReads::Kind::kNothing:
        return std::nullopt;
      case InputReads::Kind::kEverything:
        return SetsOf(AllOf(in), in);
      case InputReads::Kind::kSameElements:
        return in == made ? *out : SetsOf(Reshaped(HullsOf(*out), made, in), in);
      case InputReads::Kind::kAxes:
        break;
    }
    PlaceSets sets;
    for (int axis = 0; axis < in.rank(); ++axis) {
      std::optional<PlaceSet> set = SetBefore(reads.axes[axis], *out, in[axis]);
      if (!set) return std::nullopt;
      sets.push_back(std::move(*set));
    }
    return sets;
  }

  const Graph& graph_;
  int input_, from_;  // tensors of the graph
  MapShape shape_;
  std::vector<Step> steps_;  // the last node first
  bool repeats_ = false;
};

FieldBoxes::FieldBoxes(const Graph& graph, std::string_view tensor) : walk_(std::make_unique<Walk>(graph, tensor)) {}
FieldBoxes::FieldBoxes(FieldBoxes&&) noexcept = default;
FieldBoxes& FieldBoxes::operator=(FieldBoxes&&) noexcept = default;
FieldBoxes::~FieldBoxes() = default;

FieldBox FieldBoxes::At(int64_t row, int64_t column) const {
  return walk_->At(row, column);
}

FieldBox Inside(const FieldBox& box, int64_t rows, int64_t columns) {
  FieldBox inside = box;
  inside.row = std::clamp<int64_t>(box.row, 0, rows);
  inside.column = std::clamp<int64_t>(box.column, 0, columns);
  inside.rows = std::clamp<int64_t>(box.row + box.rows, 0, rows) - inside.row;
  inside.columns = std::clamp<int64_t>(box.column + box.columns, 0, columns) - inside.column;
  return inside;
}

}  // namespace convscope
