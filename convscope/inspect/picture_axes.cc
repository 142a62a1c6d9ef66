#include "convscope/inspect/picture_axes.h"

#include "convscope/graph/reads.h"

namespace convscope {
namespace {

// Of a tensor; below 0: there are none any more.
struct Axes {
  int rows = -1, columns = -1;
  bool any() const { return rows >= 0 && columns >= 0; }
};

// The axis that the same elements, in the order of memory, have as `axis` in another shape.
int SameAxis(int axis, const Shape& from, const Shape& to) {
  const auto after = [](const Shape& shape, int first) {
    int64_t product = 1;
    for (int i = first; i < shape.rank(); ++i) product *= shape[i];
    return product;
  };
  for (int i = 0; i < to.rank(); ++i) {
    if (to[i] == from[axis] && after(to, i) == after(from, axis)) return i;
  }
  return -1;
}

Axes Followed(const InputReads& reads, const Axes& axes, const Shape& input, const Shape& output) {
  if (reads.kind == InputReads::Kind::kSameElements) {
    return {SameAxis(axes.rows, input, output), SameAxis(axes.columns, input, output)};
  }
  if (reads.kind != InputReads::Kind::kAxes) return {};
  // What looks at all places and gives back as many, a normalization, gives them back where they were.
  const auto followed = [&](int axis) {
    const int to = reads.axes[static_cast<size_t>(axis)].output_axis;
    return to < 0 && input == output ? axis : to;
  };
  return {followed(axes.rows), followed(axes.columns)};
}

// Whether the operation slides a window along axes 1 and 2, which are rows and columns then, wherever they came from.
bool SlidesOverMaps(const InputReads& reads) {
  const auto slides = [&](size_t axis) { return reads.axes[axis].run && reads.axes[axis].run->window; };
  return reads.kind == InputReads::Kind::kAxes && reads.axes.size() == 4 && slides(1) && slides(2);
}

}  // namespace

std::vector<bool> HavePictureAxes(const Graph& graph) {
  std::vector<Axes> axes(graph.tensors().size());
  const auto shape_of = [&](int tensor) -> const Shape& {
    return graph.tensors()[static_cast<size_t>(tensor)].type.shape;
  };
  for (size_t t = 0; t < axes.size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    if (tensor.role == TensorRole::kInput && tensor.type.shape.rank() == 4) axes[t] = {1, 2};
  }
  for (const GraphNode& node : graph.nodes()) {
    if (node.outputs.size() != 1) continue;  // Reads tells of the first output alone
    const std::vector<InputReads> reads = node.operation->Reads(graph.InputTypes(node));
    Axes& made = axes[static_cast<size_t>(node.outputs[0])];
    for (size_t i = 0; i < reads.size() && !made.any(); ++i) {
      const Axes from = SlidesOverMaps(reads[i]) ? Axes{1, 2} : axes[static_cast<size_t>(node.inputs[i])];
      if (from.any()) made = Followed(reads[i], from, shape_of(node.inputs[i]), shape_of(node.outputs[0]));
    }
  }
  std::vector<bool> have(axes.size());
  for (size_t t = 0; t < axes.size(); ++t) have[t] = axes[t].rows == 1 && axes[t].columns == 2;
  return have;
}

}  // namespace convscope
