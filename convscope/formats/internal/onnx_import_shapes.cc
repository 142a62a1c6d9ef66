// What .onnx files do to the shape and the place of elements.
#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/depth_to_space_operation.h"
#include "convscope/graph/expand_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/tile_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/tensor/element_type.h"

namespace convscope::internal {
namespace {

Tensor IntegersOf(const std::vector<int64_t>& values) {
  Tensor tensor(Shape{static_cast<int64_t>(values.size())}, DType::kInt64);
  std::copy(values.begin(), values.end(), tensor.data<int64_t>());
  return tensor;
}

// ---- Constants

void ReadConstant(const ImportNode& node) {
  if (std::optional<Tensor> value = node.TensorOf("value")) return node.AddKnown(0, std::move(*value));
  if (node.Has("value_int")) {
    return node.AddKnown(0, IntegersOf({node.Integer("value_int", 0)}).Reshaped(Shape{}));
  }
  if (node.Has("value_ints")) return node.AddKnown(0, IntegersOf(node.Integers("value_ints")));
  std::vector<double> numbers = node.Numbers("value_floats");
  const bool single = node.Has("value_float");
  if (!single && !node.Has("value_floats")) node.Fail("a constant holds numbers", "something else");
  if (single) numbers = {node.Number("value_float", 0)};
  Tensor tensor(Shape{static_cast<int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), tensor.data());
  node.AddKnown(0, single ? std::move(tensor).Reshaped(Shape{}) : std::move(tensor));
}

void ReadConstantOfShape(const ImportNode& node) {
  const Shape shape(node.ConstantIntegers(0, "the shape"));
  node.Spend(shape.NumElements());
  std::optional<Tensor> given = node.TensorOf("value");
  const Tensor value = given ? std::move(*given) : Tensor::Zeros(Shape{1});
  if (value.size() != 1) node.Fail("a tensor is filled with one value", Concat(value.size(), " values"));
  Tensor filled(shape, value.dtype());
  ForElementType(value.dtype(), [&](auto element) {
    using T = decltype(element);
    std::fill_n(filled.data<T>(), filled.size(), *value.data<T>());
  });
  node.AddKnown(0, std::move(filled));
}

template <typename T>
Tensor RangeOf(const ImportNode& node, double count) {
  const T start = node.Constant(0, "the start")->data<T>()[0], step = node.Constant(2, "the step")->data<T>()[0];
  Tensor range(Shape{static_cast<int64_t>(count)}, DTypeOf<T>());
  T* to = range.data<T>();
  for (int64_t i = 0; i < range.size(); ++i) to[i] = static_cast<T>(start + static_cast<T>(i) * step);
  return range;
}

void ReadRange(const ImportNode& node) {
  const double start = node.ConstantNumber(0, "the start"), limit = node.ConstantNumber(1, "the limit");
  const double step = node.ConstantNumber(2, "the step");
  const double count = std::max(std::ceil((limit - start) / step), 0.0);
  if (!(count <= static_cast<double>(Shape::kMaxElements))) node.Fail("a range has an end", Concat(count, " numbers"));
  node.Spend(static_cast<int64_t>(count));
  switch (node.InputType(0)) {
    case DType::kFloat32:
      return node.AddKnown(0, RangeOf<float>(node, count));
    case DType::kFloat64:
      return node.AddKnown(0, RangeOf<double>(node, count));
    case DType::kInt32:
      return node.AddKnown(0, RangeOf<int32_t>(node, count));
    case DType::kInt64:
      return node.AddKnown(0, RangeOf<int64_t>(node, count));
    default:
      node.Fail("a range is of floats, int32 or int64", std::string(Name(node.InputType(0))));
  }
}

void ReadShape(const ImportNode& node) {
  const auto lengths = node.InputShape(0).lengths();
  const auto rank = static_cast<int64_t>(lengths.size());
  const auto place = [&](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
  const int64_t start = place(node.Integer("start", 0)), end = place(node.Integer("end", rank));
  node.AddKnown(0, IntegersOf({lengths.begin() + start, lengths.begin() + std::max(start, end)}));
}

void ReadSize(const ImportNode& node) {
  node.AddKnown(0, IntegersOf({node.InputShape(0).NumElements()}).Reshaped(Shape{}));
}

// ---- The same elements in another shape

void ReadReshape(const ImportNode& node) {
  if (node.opset() < 5) node.Require("shape");
  std::vector<int64_t> lengths = node.opset() < 5 ? node.Integers("shape") : node.ConstantIntegers(1, "the new shape");
  const Shape& from = node.InputShape(0);
  const bool zero_is_zero = node.Integer("allowzero", 0) != 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    const bool is_there = static_cast<int>(i) < from.rank();
    if (zero_is_zero && lengths[i] == 0 && is_there && from[static_cast<int>(i)] != 0) {
      node.Fail("no axis of length 0 is made of a longer one", from.ToString());
    }
    if (lengths[i] == 0 && is_there) lengths[i] = from[static_cast<int>(i)];
    // A first axis that stays is that of the pictures, however many there are.
    if (i == 0 && is_there && lengths[0] == from[0]) lengths[0] = 0;
  }
  const std::string elements = node.ElementsInFileOrder(0);
  const OperationPtr reshape = ReshapeOp{lengths};
  const Shape result = reshape->Infer({{node.importer().builder().graph()[elements].type}})[0].shape;
  const FileAxes last = ChannelsLastAxes(result.rank());
  const bool of_maps = node.LeadsToChannelsLast(0) || node.importer().HasMapsOf(result);
  if (IsSame(last) || !of_maps) return node.Add(reshape, {elements}, SameAxes(result.rank()));
  // Maps again, which were taken apart to be normalized or shuffled: they stand as the others do.
  node.Add(TransposeOp{last}, {node.AddStep("channels_second", reshape, {elements})}, last);
}

void ReadFlatten(const ImportNode& node) {
  int64_t axis = node.Integer("axis", 1);
  if (axis != node.rank()) axis = node.Axis(axis);
  int64_t rows = 1;
  for (int i = 0; i < axis; ++i) rows *= node.InputShape(0)[i];
  node.Add(ReshapeOp{axis == 1 ? std::vector<int64_t>{0, -1} : std::vector<int64_t>{rows, -1}},
           {node.ElementsInFileOrder(0)}, SameAxes(2));
}

std::vector<int64_t> AxesArgument(const ImportNode& node, int rank) {
  if (node.type() == "Unsqueeze" && node.opset() < 13) node.Require("axes");
  std::vector<int64_t> axes = node.opset() < 13  ? node.Integers("axes")
                              : node.HasInput(1) ? node.ConstantIntegers(1, "the axes")
                                                 : std::vector<int64_t>{};
  for (int64_t& axis : axes) axis = node.Axis(axis, rank);
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) node.Fail("an axis is named once", "one again");
  return axes;
}

// The result keeps the order of the axes that stay, so that nothing moves in memory.
void AddReshaped(const ImportNode& node, const FileAxes& axes, const Shape& result, const FileAxes& result_axes) {
  const Shape stored = InOrder(result_axes, result);
  std::vector<int64_t> lengths(stored.lengths().begin(), stored.lengths().end());
  const bool batch_stays =
      !axes.empty() && axes[0] == 0 && !lengths.empty() && result_axes[0] == 0 && lengths[0] == node.InputShape(0)[0];
  if (batch_stays) lengths[0] = 0;
  node.Add(ReshapeOp{lengths}, {node.Stored(0, axes)}, result_axes);
}

void ReadSqueeze(const ImportNode& node) {
  const Shape from = node.InputShape(0);
  std::vector<int64_t> gone = AxesArgument(node, from.rank());
  if (gone.empty()) {
    for (int axis = 0; axis < from.rank(); ++axis) {
      if (from[axis] == 1) gone.push_back(axis);
    }
  }
  const auto is_gone = [&](int64_t axis) { return std::count(gone.begin(), gone.end(), axis) > 0; };
  std::vector<int64_t> left;
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (!is_gone(axis)) {
      left.push_back(from[axis]);
    } else if (from[axis] != 1) {
      node.Fail("an axis that is squeezed has length 1", Concat("axis ", axis, " of ", from.ToString()));
    }
  }
  const FileAxes axes = node.AxesOf(0);
  FileAxes result;
  for (const int64_t axis : axes) {
    if (is_gone(axis)) continue;
    result.push_back(axis - std::count_if(gone.begin(), gone.end(), [&](int64_t g) { return g < axis; }));
  }
  AddReshaped(node, axes, Shape(left), result);
}

void ReadUnsqueeze(const ImportNode& node) {
  const Shape from = node.InputShape(0);
  const size_t added = node.opset() < 13 ? node.Integers("axes").size() : node.ConstantIntegers(1, "the axes").size();
  if (added > static_cast<size_t>(Shape::kMaxRank)) {
    node.Fail(Concat("a tensor has at most ", Shape::kMaxRank, " axes"), Concat(added, " more"));
  }
  const int rank = from.rank() + static_cast<int>(added);
  const std::vector<int64_t> fresh = AxesArgument(node, rank);
  std::vector<int64_t> lengths, number_of;  // of each axis of the input, its number in the result
  for (int axis = 0, old = 0; axis < rank; ++axis) {
    if (std::count(fresh.begin(), fresh.end(), axis) > 0) {
      lengths.push_back(1);
    } else if (old < from.rank()) {
      lengths.push_back(from[old++]);
      number_of.push_back(axis);
    }
  }
  if (static_cast<int>(lengths.size()) != rank || static_cast<int>(number_of.size()) != from.rank()) {
    node.Fail("each new axis is named once", Concat(fresh.size(), " axes"));
  }
  const FileAxes axes = node.AxesOf(0);
  FileAxes result;
  for (const int64_t axis : axes) result.push_back(number_of[static_cast<size_t>(axis)]);
  // A new axis stands before the one that it stands before in the file, if that is not its end.
  for (auto axis = fresh.rbegin(); axis != fresh.rend(); ++axis) {
    result.insert(std::find(result.begin(), result.end(), *axis + 1), *axis);
  }
  AddReshaped(node, axes, Shape(lengths), result);
}

// The elements stay where they are as long as that is an order that we keep: the file's own, or channels last. Of three
// axes only where an operation on channels follows: a table of boxes, or of words, is none of places and channels.
void ReadTranspose(const ImportNode& node) {
  std::vector<int64_t> moves = node.Integers("perm");
  if (moves.empty()) {
    moves = SameAxes(node.rank());
    std::reverse(moves.begin(), moves.end());
  }
  FileAxes sorted = moves;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != SameAxes(node.rank())) node.Fail("perm names each axis once", Concat(moves.size(), " entries"));
  const FileAxes from = node.AxesOf(0), places = Inverse(moves);
  FileAxes result;
  for (const int64_t axis : from) result.push_back(places[static_cast<size_t>(axis)]);
  const bool has_channels = node.rank() > 3 || node.LeadsToChannelsLast(0);
  if (IsSame(result) || (result == ChannelsLastAxes(node.rank()) && has_channels)) {
    return node.AddSame(0, node.Stored(0, from), result);
  }
  // moves, seen from our order of the input.
  const FileAxes ours = Inverse(from);
  std::vector<int64_t> axes;
  for (const int64_t axis : moves) axes.push_back(ours[static_cast<size_t>(axis)]);
  node.Add(TransposeOp{axes}, {node.Stored(0, from)}, SameAxes(node.rank()));
}

// ---- Parts and copies

void ReadConcat(const ImportNode& node) {
  const int64_t axis = node.Axis(node.opset() < 4 ? node.Integer("axis", 1) : node.Integer("axis"));
  const FileAxes axes = node.Following(node.rank());
  std::vector<std::string> parts;
  for (size_t i = 0; i < node.input_count(); ++i) parts.push_back(node.Stored(i, axes));
  node.Add(ConcatOp{.axis = Inverse(axes)[static_cast<size_t>(axis)]}, parts, axes);
}

// All of every axis.
SliceOp WholeOf(int rank) {
  const auto axes = static_cast<size_t>(rank);
  return {.starts = std::vector<int64_t>(axes, 0),
          .counts = std::vector<int64_t>(axes, -1),
          .steps = std::vector<int64_t>(axes, 1)};
}

void ReadSplit(const ImportNode& node) {
  const auto axis = static_cast<int>(node.Axis(node.Integer("axis", 0)));
  const int64_t length = node.InputShape(0)[axis];
  std::vector<int64_t> lengths = node.opset() < 13  ? node.Integers("split")
                                 : node.HasInput(1) ? node.ConstantIntegers(1, "the lengths of the parts")
                                                    : std::vector<int64_t>{};
  if (lengths.empty()) {
    const auto parts = static_cast<int64_t>(node.output_count());
    const int64_t each = (length + parts - 1) / parts;
    for (int64_t i = 0; i < parts; ++i) lengths.push_back(std::clamp<int64_t>(length - i * each, 0, each));
  }
  int64_t sum = 0;
  for (const int64_t part : lengths) sum = part < 0 || sum > length ? length + 1 : sum + part;
  if (lengths.size() != node.output_count() || sum != length) {
    node.Fail(Concat("the parts of a split, one an output, have a length of ", length, " together"),
              Concat(lengths.size(), " parts for ", node.output_count(), " outputs"));
  }
  const FileAxes axes = node.AxesOf(0);
  const auto ours = static_cast<size_t>(Inverse(axes)[static_cast<size_t>(axis)]);
  int64_t start = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    SliceOp part = WholeOf(node.rank());
    part.starts[ours] = start;
    part.counts[ours] = lengths[i];
    start += lengths[i];
    if (node.WantsOutput(i)) node.Add(part, {node.Stored(0, axes)}, axes, i);
  }
}

void ReadSlice(const ImportNode& node) {
  const bool old = node.opset() < 10;
  if (old) node.Require("starts"), node.Require("ends");
  const std::vector<int64_t> starts = old ? node.Integers("starts") : node.ConstantIntegers(1, "the starts");
  const std::vector<int64_t> ends = old ? node.Integers("ends") : node.ConstantIntegers(2, "the ends");
  std::vector<int64_t> sliced = old                ? node.Integers("axes")
                                : node.HasInput(3) ? node.ConstantIntegers(3, "the axes")
                                                   : std::vector<int64_t>{};
  std::vector<int64_t> steps =
      !old && node.HasInput(4) ? node.ConstantIntegers(4, "the steps") : std::vector<int64_t>(starts.size(), 1);
  if (sliced.empty()) sliced = SameAxes(static_cast<int>(starts.size()));
  if (ends.size() != starts.size() || sliced.size() != starts.size() || steps.size() != starts.size()) {
    node.Fail("a slice has a start, an end and a step for each axis that it names", Concat(starts.size(), " starts"));
  }
  const FileAxes axes = node.AxesOf(0), places = Inverse(axes);
  SliceOp slice = WholeOf(node.rank());
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto axis = static_cast<int>(node.Axis(sliced[i]));
    const int64_t length = node.InputShape(0)[axis], step = steps[i];
    if (step == 0) node.Fail("the step of a slice is not 0", "0");
    // NumPy's rule: from the end where negative, and held inside the axis. Far ends are common: the largest integer.
    const auto held = [&](int64_t place, int64_t least, int64_t most) {
      return std::clamp(place < 0 ? std::max(place, -length - 1) + length : place, least, most);
    };
    const int64_t first = step > 0 ? held(starts[i], 0, length) : held(starts[i], -1, length - 1);
    const int64_t last = step > 0 ? held(ends[i], 0, length) : held(ends[i], -1, length - 1);
    const int64_t size = std::min(std::abs(std::max(step, -std::numeric_limits<int64_t>::max())), length + 1);
    const int64_t way = step > 0 ? last - first : first - last;
    const auto ours = static_cast<size_t>(places[static_cast<size_t>(axis)]);
    if (step == 1 && first == 0 && last == length) continue;
    slice.starts[ours] = first;
    slice.counts[ours] = way <= 0 ? 0 : (way + size - 1) / size;
    slice.steps[ours] = step > 0 ? size : -size;
    if (slice.counts[ours] == 0) slice.starts[ours] = 0;
  }
  node.Add(slice, {node.Stored(0, axes)}, axes);
}

void ReadGather(const ImportNode& node) {
  const int64_t axis = node.Axis(node.Integer("axis", 0));
  node.Add(GatherOp{.axis = axis}, {node.AsInFile(0), node.AsInFile(1)},
           SameAxes(node.rank() - 1 + node.InputShape(1).rank()));
}

void ReadGatherElements(const ImportNode& node) {
  const int64_t axis = node.Axis(node.Integer("axis", 0));
  node.Add(GatherElementsOp{.axis = axis}, {node.AsInFile(0), node.AsInFile(1)}, SameAxes(node.rank()));
}

void ReadExpand(const ImportNode& node) {
  const std::vector<int64_t> wanted = node.ConstantIntegers(1, "the shape");
  const Shape& from = node.InputShape(0);
  const int rank = std::max(from.rank(), static_cast<int>(wanted.size()));
  std::vector<int64_t> lengths(static_cast<size_t>(rank) - wanted.size(), 1);
  lengths.insert(lengths.end(), wanted.begin(), wanted.end());
  // What the input has already stays, whatever the batch.
  for (int i = 0; i < from.rank(); ++i) {
    int64_t& length = lengths[static_cast<size_t>(rank - from.rank() + i)];
    if (length == 1 || length == from[i]) length = -1;
  }
  node.Add(ExpandOp{lengths}, {node.AsInFile(0)}, SameAxes(rank));
}

void ReadTile(const ImportNode& node) {
  const std::vector<int64_t> repeats = node.ConstantIntegers(1, "the repeats");
  if (static_cast<int>(repeats.size()) != node.rank()) {
    node.Fail("there is one number of repeats an axis", Concat(repeats.size(), " for ", node.InputShape(0).ToString()));
  }
  const FileAxes axes = node.AxesOf(0);
  node.Add(TileOp{InOrder(axes, repeats)}, {node.Stored(0, axes)}, axes);
}

void ReadDepthToSpace(const ImportNode& node) {
  node.Add(DepthToSpaceOp{.block = node.Integer("blocksize"), .depth_first = node.Word("mode", "DCR") == "DCR"},
           {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

void ReadSpaceToDepth(const ImportNode& node) {
  node.Add(SpaceToDepthOp{.block = node.Integer("blocksize")}, {node.ChannelsLast(0)}, ChannelsLastAxes(node.rank()));
}

}  // namespace

std::vector<OnnxReader> OnnxShapeReaders() {
  constexpr ImportAxes kFile = ImportAxes::kFile, kAny = ImportAxes::kFollowing, kLast = ImportAxes::kChannelsLast;
  return {
      {"Concat", kAny, ReadConcat},
      {"Constant", kFile, ReadConstant},
      {"ConstantOfShape", kFile, ReadConstantOfShape},
      {"DepthToSpace", kLast, ReadDepthToSpace},
      {"Expand", kFile, ReadExpand},
      {"Flatten", kFile, ReadFlatten},
      {"Gather", kFile, ReadGather},
      {"GatherElements", kFile, ReadGatherElements},
      {"Range", kFile, ReadRange},
      {"Reshape", kFile, ReadReshape},
      {"Shape", kFile, ReadShape},
      {"Size", kFile, ReadSize},
      {"Slice", kAny, ReadSlice},
      {"SpaceToDepth", kLast, ReadSpaceToDepth},
      {"Split", kAny, ReadSplit},
      {"Squeeze", kFile, ReadSqueeze},
      {"Tile", kAny, ReadTile},
      {"Transpose", kFile, ReadTranspose},
      {"Unsqueeze", kFile, ReadUnsqueeze},
  };
}

}  // namespace convscope::internal
