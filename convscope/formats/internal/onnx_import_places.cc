// What .onnx files pick and put by indices, and masks of places. Where elements are put is known when a file is read.
#include <algorithm>
#include <limits>
#include <numeric>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/where_operation.h"
#include "convscope/kernels/strided_copy.h"
#include "convscope/tensor/element_type.h"

namespace convscope::internal {
namespace {

Tensor IntegersOf(const std::vector<int64_t>& values, const Shape& shape) {
  Tensor tensor(shape, DType::kInt64);
  std::copy(values.begin(), values.end(), tensor.data<int64_t>());
  return tensor;
}

// 0, 1, ... along axis `axis` of `rank`, the others of length 1.
Tensor Counting(int64_t count, int axis, int rank) {
  std::vector<int64_t> lengths(static_cast<size_t>(rank), 1), values(static_cast<size_t>(count));
  lengths[static_cast<size_t>(axis)] = count;
  std::iota(values.begin(), values.end(), 0);
  return IntegersOf(values, Shape(lengths));
}

// Of `count` times `each` elements, a product that may overflow.
void SpendProduct(const ImportNode& node, int64_t count, int64_t each) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  node.Spend(each > 0 && count > kMost / each ? kMost : count * each);
}

int64_t Place(const ImportNode& node, int64_t index, int64_t length) {
  if (index < -length || index >= length) {
    node.Fail(Concat("an index is on its axis of length ", length), Concat(index));
  }
  return index < 0 ? index + length : index;
}

// Indices of whole elements lie in their last axis.
void CheckIndexLists(const ImportNode& node, const Shape& indices, const Shape& from) {
  if (indices.rank() > 0 && indices.back() >= 1 && indices.back() <= from.rank()) return;
  node.Fail(Concat("an index has 1 to ", from.rank(), " places"), indices.ToString());
}

// What the file holds, or follows from what it holds: what is fed in changes from run to run.
SharedTensor Held(const ImportNode& node, size_t i, std::string_view what) {
  if (const SharedTensor& constant = node.Input(i).constant) return constant;
  node.Fail(Concat(what, " is a constant, or made of constants and shapes"), "what is computed when the model runs");
}

std::vector<int64_t> HeldIndices(const ImportNode& node, size_t i) {
  Held(node, i, "where elements go");
  return node.ConstantIntegers(i, "the indices");
}

// 1 at the first of the largest along an axis; before opset 13 along all from that axis on, as one.
void ReadHardmax(const ImportNode& node) {
  const bool one_axis = node.opset() >= 13;
  const auto axis = static_cast<int>(node.Axis(node.Integer("axis", one_axis ? -1 : 1)));
  const Shape shape = node.InputShape(0);
  const std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
  std::string x = node.AsInFile(0);
  std::vector<int64_t> as_rows(lengths.begin(), lengths.begin() + axis), back = lengths;
  int at = axis;
  int64_t length = shape[axis];
  if (!one_axis) {
    as_rows.push_back(-1);
    if (axis > 0) as_rows[0] = back[0] = 0;
    for (int i = axis + 1; i < shape.rank(); ++i) length *= shape[i];
    x = node.AddStep("rows", ReshapeOp{as_rows}, {x});
  }
  const int rank = one_axis ? shape.rank() : axis + 1;
  node.Spend(length);
  const std::string most = node.AddStep("place", ArgMaxOp{.axis = at, .keep_axis = true}, {x});
  const std::string places = node.AddConstant("places", Counting(length, at, rank));
  const std::string is_most = node.AddStep("is_largest", BinaryOp{BinaryKind::kEqual}, {most, places});
  const CastOp cast{node.InputType(0)};
  if (one_axis) return node.Add(cast, {is_most}, SameAxes(rank));
  node.Add(ReshapeOp{back}, {node.AddStep("of_rows", cast, {is_most})}, SameAxes(shape.rank()));
}

// A matrix above or below a diagonal, zeros elsewhere.
void ReadTrilu(const ImportNode& node) {
  const int rank = node.rank();
  if (rank < 2) node.Fail("a matrix has two axes", node.InputShape(0).ToString());
  const int64_t rows = node.InputShape(0)[rank - 2], columns = node.InputShape(0)[rank - 1];
  const bool upper = node.Integer("upper", 1) != 0;
  const int64_t k = node.HasInput(1) ? node.ConstantInteger(1, "the diagonal") : 0;
  SpendProduct(node, rows, columns);
  Tensor kept(Shape{rows, columns}, DType::kBool);
  for (int64_t i = 0; i < kept.size(); ++i) {
    // Of places on diagonals far away too: compared so that nothing overflows.
    const int64_t diagonal = i % columns - i / columns;
    kept.data<bool>()[i] = upper ? diagonal >= k : diagonal <= k;
  }
  const std::string zero = node.AddConstant("zero", Tensor::Zeros(Shape{}, node.InputType(0)));
  node.Add(WhereOp{}, {node.AddConstant("kept", std::move(kept)), node.AsInFile(0), zero}, SameAxes(rank));
}

void ReadEyeLike(const ImportNode& node) {
  if (node.rank() != 2) node.Fail("an identity matrix has two axes", node.InputShape(0).ToString());
  const Shape& shape = node.InputShape(0);
  const DType dtype = node.Has("dtype") ? ImportedDType(static_cast<int>(node.Integer("dtype")), "what EyeLike makes")
                                        : node.InputType(0);
  const int64_t k = node.Integer("k", 0);
  node.CheckSmall("k", {k});
  node.Spend(shape.NumElements());
  Tensor eye = Tensor::Zeros(shape, dtype);
  ForElementType(dtype, [&](auto element) {
    using T = decltype(element);
    for (int64_t row = 0; row < shape[0]; ++row) {
      if (row + k >= 0 && row + k < shape[1]) eye.data<T>()[row * shape[1] + row + k] = static_cast<T>(1);
    }
  });
  node.AddKnown(0, std::move(eye));
}

// Indices (...) become a new axis that is one value at the index, another elsewhere; a place past the axis is none.
void ReadOneHot(const ImportNode& node) {
  const int rank = node.rank() + 1;
  const auto axis = static_cast<int>(node.Axis(node.Integer("axis", -1), rank));
  const int64_t depth = node.ConstantInteger(1, "the number of classes");
  if (depth < 1 || depth > int64_t{1} << 31) node.Fail("there are 1 to 2^31 classes", Concat(depth));
  if (node.InputShape(2) != Shape{2}) node.Fail("the values are two, off and on", node.InputShape(2).ToString());
  node.Spend(2 * depth);
  std::vector<int64_t> lengths(node.InputShape(0).lengths().begin(), node.InputShape(0).lengths().end());
  lengths.insert(lengths.begin() + axis, 1);
  std::string index = node.AsInFile(0);
  if (node.InputType(0) != DType::kInt64) index = node.AddStep("index", CastOp{DType::kInt64}, {index});
  index = node.AddStep("index_of_axis", ReshapeOp{lengths}, {index});
  // A negative index counts from the end: one of two places.
  Tensor from_end = Counting(depth, axis, rank);
  for (int64_t i = 0; i < depth; ++i) from_end.data<int64_t>()[i] -= depth;
  const std::string is_place = node.AddStep("is_place", BinaryOp{BinaryKind::kEqual},
                                            {index, node.AddConstant("places", Counting(depth, axis, rank))});
  const std::string is_from_end = node.AddStep("is_place_from_end", BinaryOp{BinaryKind::kEqual},
                                               {index, node.AddConstant("places_from_end", std::move(from_end))});
  const std::string is_on = node.AddStep("is_on", BinaryOp{BinaryKind::kOr}, {is_place, is_from_end});
  const std::string values = node.AsInFile(2);
  const auto value = [&](const char* step, int64_t at) {
    return node.AddStep(step, GatherOp{.axis = 0},
                        {values, node.AddConstant(Concat(step, "_place"), IntegersOf({at}, {}))});
  };
  const std::string on = value("on", 1), off = value("off", 0);
  node.Add(WhereOp{}, {is_on, on, off}, SameAxes(rank));
}

// Which row of what its indices leave open each one means, where they are constants.
std::string KnownRows(const ImportNode& node, const SharedTensor& indices, const std::vector<int64_t>& rows) {
  const Shape& from = node.InputShape(0);
  const std::vector<int64_t> values = node.ConstantIntegers(1, "the indices");
  const Shape shape(indices->shape().lengths().first(static_cast<size_t>(indices->shape().rank()) - 1));
  node.Spend(shape.NumElements());
  std::vector<int64_t> sums(static_cast<size_t>(shape.NumElements()), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t axis = i % rows.size();
    sums[i / rows.size()] += rows[axis] * Place(node, values[i], from[static_cast<int>(axis)]);
  }
  return node.AddConstant("row", IntegersOf(sums, shape));
}

// The same of indices that are computed. Each part is picked from a table of its axis: thus one that is not on its axis
// is an error when the model runs, where a product would be an element of another row.
std::string ComputedRows(const ImportNode& node, const std::vector<int64_t>& rows) {
  const int last = node.InputShape(1).rank() - 1;
  const std::string index = node.AsInFile(1);
  std::string sum;
  for (size_t axis = 0; axis < rows.size(); ++axis) {
    const int64_t length = node.InputShape(0)[static_cast<int>(axis)];
    node.Spend(length);
    Tensor table(Shape{length}, DType::kInt64);
    for (int64_t i = 0; i < length; ++i) table.data<int64_t>()[i] = i * rows[axis];
    const std::string at = node.AddConstant(Concat("axis_", axis), IntegersOf({static_cast<int64_t>(axis)}, {}));
    const std::string part = node.AddStep(Concat("index_", axis), GatherOp{.axis = last}, {index, at});
    const std::string row = node.AddStep(Concat("rows_", axis), GatherOp{.axis = 0},
                                         {node.AddConstant(Concat("table_", axis), std::move(table)), part});
    sum = axis == 0 ? row : node.AddStep(Concat("row_", axis), AddOp{}, {sum, row});
  }
  return sum;
}

// Elements by their whole index, a list of it in the last axis of the indices: which row of what follows it is.
void ReadGatherND(const ImportNode& node) {
  if (node.Integer("batch_dims", 0) != 0) node.Fail("the indices are of the whole input", "batch_dims that is not 0");
  const Shape from = node.InputShape(0), shape = node.InputShape(1);
  std::vector<int64_t> rows = DenseStrides(from);
  CheckIndexLists(node, shape, from);
  if (from.NumElements() == 0) node.Fail("what is picked from has elements", from.ToString());
  const int64_t depth = shape.back();
  const int64_t inner = rows[static_cast<size_t>(depth) - 1];
  rows.resize(static_cast<size_t>(depth));
  for (int64_t& stride : rows) stride /= inner;
  const SharedTensor constant = node.Input(1).constant;
  const std::string row = constant ? KnownRows(node, constant, rows) : ComputedRows(node, rows);
  std::vector<int64_t> flat = {-1};
  flat.insert(flat.end(), from.lengths().begin() + depth, from.lengths().end());
  const std::string x = node.AddStep("flat", ReshapeOp{flat}, {node.AsInFile(0)});
  node.Add(GatherOp{.axis = 0}, {x, row}, SameAxes(shape.rank() - 1 + from.rank() - static_cast<int>(depth)));
}

// The places along an axis at which a list of bools says so.
void ReadCompress(const ImportNode& node) {
  const std::vector<int64_t> chosen = node.ConstantIntegers(1, "what is kept");
  const bool flat = !node.Has("axis");
  const auto axis = flat ? 0 : static_cast<int>(node.Axis(node.Integer("axis")));
  const int64_t length = flat ? node.InputShape(0).NumElements() : node.InputShape(0)[axis];
  std::vector<int64_t> places;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] != 0) places.push_back(static_cast<int64_t>(i));
  }
  if (!places.empty() && places.back() >= length) {
    node.Fail(Concat("what is kept are places of an axis of length ", length), Concat(places.back()));
  }
  const std::string x = flat ? node.AddStep("flat", ReshapeOp{{-1}}, {node.AsInFile(0)}) : node.AsInFile(0);
  const std::string index = node.AddConstant("places", IntegersOf(places, {static_cast<int64_t>(places.size())}));
  node.Add(GatherOp{.axis = axis}, {x, index}, SameAxes(flat ? 1 : node.rank()));
}

// ---- Of constants alone

// (axes of x, places where x is not 0).
void ReadNonZero(const ImportNode& node) {
  const SharedTensor x = Held(node, 0, "what is searched for places that are not 0");
  const std::vector<int64_t> strides = DenseStrides(x->shape());
  std::vector<int64_t> found;
  ForElementType(x->dtype(), [&](auto element) {
    using T = decltype(element);
    for (int64_t i = 0; i < x->size(); ++i) {
      if (x->data<T>()[i] != T{}) found.push_back(i);
    }
  });
  const auto count = static_cast<int64_t>(found.size());
  const int64_t rank = x->shape().rank();
  SpendProduct(node, count, rank);
  std::vector<int64_t> places;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const auto a = static_cast<size_t>(axis);
    for (const int64_t i : found) places.push_back(i / strides[a] % x->shape()[static_cast<int>(axis)]);
  }
  node.AddKnown(0, IntegersOf(places, {rank, count}));
}

// Sums of all elements up to each along an axis, of it or without it, from either end.
void ReadCumSum(const ImportNode& node) {
  const SharedTensor x = Held(node, 0, "what is summed up");
  const auto axis = static_cast<int>(node.Axis(node.ConstantInteger(1, "the axis")));
  const bool exclusive = node.Integer("exclusive", 0) != 0, reverse = node.Integer("reverse", 0) != 0;
  const int64_t length = x->shape()[axis], stride = DenseStrides(x->shape())[static_cast<size_t>(axis)];
  if (x->dtype() == DType::kBool) node.Fail("numbers are summed up", "bools");
  node.Spend(x->size());
  Tensor sums = x->Clone();
  ForElementType(x->dtype(), [&](auto element) {
    using T = decltype(element);
    // Integers wrap around, as they do elsewhere.
    using Sum = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
    for (int64_t i = 0; i < x->size(); ++i) {
      if (i / stride % length != 0) continue;
      Sum sum = 0;
      for (int64_t k = 0; k < length; ++k) {
        const int64_t at = i + (reverse ? length - 1 - k : k) * stride;
        const Sum next = static_cast<Sum>(sum + static_cast<Sum>(x->data<T>()[at]));
        sums.data<T>()[at] = static_cast<T>(exclusive ? sum : next);
        sum = next;
      }
    }
  });
  node.AddKnown(0, std::move(sums));
}

enum class ScatterRule : uint8_t { kNone, kAdd, kMultiply, kMaximum, kMinimum };

ScatterRule RuleOf(const ImportNode& node) {
  const std::string word = node.Word("reduction", "none");
  constexpr std::pair<std::string_view, ScatterRule> kRules[] = {{"none", ScatterRule::kNone},
                                                                 {"add", ScatterRule::kAdd},
                                                                 {"mul", ScatterRule::kMultiply},
                                                                 {"max", ScatterRule::kMaximum},
                                                                 {"min", ScatterRule::kMinimum}};
  for (const auto& [name, rule] : kRules) {
    if (name == word) return rule;
  }
  node.Fail("reduction is none, add, mul, max or min", word);
}

template <typename T>
T Scattered(ScatterRule rule, T old, T update) {
  if constexpr (std::is_same_v<T, bool>) {
    return rule == ScatterRule::kNone                                   ? update
           : rule == ScatterRule::kAdd || rule == ScatterRule::kMaximum ? old || update
                                                                        : old && update;
  } else {
    using Wide = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
    switch (rule) {
      case ScatterRule::kAdd:
        return static_cast<T>(static_cast<Wide>(old) + static_cast<Wide>(update));
      case ScatterRule::kMultiply:
        return static_cast<T>(static_cast<Wide>(old) * static_cast<Wide>(update));
      case ScatterRule::kMaximum:
        return std::max(old, update);
      case ScatterRule::kMinimum:
        return std::min(old, update);
      default:
        return update;
    }
  }
}

// The data with element places[i] replaced by element i of the updates, the last one where several are: each element is
// picked from one or the other.
void AddReplaced(const ImportNode& node, const std::vector<int64_t>& places) {
  const Shape shape = node.InputShape(0);
  if (RuleOf(node) != ScatterRule::kNone) {
    node.Fail("what is computed is replaced", "a reduction of data that is no constant");
  }
  SpendProduct(node, shape.NumElements(), 2);
  Tensor is_new = Tensor::Zeros(shape, DType::kBool), from = Tensor::Zeros(shape, DType::kInt64);
  for (size_t i = 0; i < places.size(); ++i) {
    is_new.data<bool>()[places[i]] = true;
    from.data<int64_t>()[places[i]] = static_cast<int64_t>(i);
  }
  const std::string flat = node.AddStep("flat_updates", ReshapeOp{{-1}}, {node.AsInFile(2)});
  const std::string update =
      node.AddStep("placed", GatherOp{.axis = 0}, {flat, node.AddConstant("from", std::move(from))});
  const std::string where = node.AddConstant("is_new", std::move(is_new));
  node.Add(WhereOp{}, {where, update, node.AsInFile(0)}, SameAxes(shape.rank()));
}

// The data with element places[i] changed by element i of the updates.
void AddScattered(const ImportNode& node, const std::vector<int64_t>& places) {
  const SharedTensor data = node.Input(0).constant, updates = node.Input(2).constant;
  if (places.empty()) return node.AddSame(0, node.AsInFile(0), SameAxes(node.rank()));
  if (!data || !updates) return AddReplaced(node, places);
  const ScatterRule rule = RuleOf(node);
  node.Spend(data->size());
  Tensor changed = data->Clone();
  ForElementType(data->dtype(), [&](auto element) {
    using T = decltype(element);
    for (size_t i = 0; i < places.size(); ++i) {
      T& to = changed.data<T>()[places[i]];
      to = Scattered<T>(rule, to, updates->data<T>()[i]);
    }
  });
  node.AddKnown(0, std::move(changed));
}

void CheckUpdates(const ImportNode& node, const Shape& wanted) {
  if (node.InputType(2) == node.InputType(0) && node.InputShape(2) == wanted) return;
  node.Fail(Concat("updates are of the data's type, and ", wanted.ToString()),
            TensorType{node.InputShape(2), node.InputType(2)}.ToString());
}

void ReadScatterElements(const ImportNode& node) {
  const auto axis = static_cast<int>(node.Axis(node.Integer("axis", 0)));
  const Shape from = node.InputShape(0), shape = node.InputShape(1);
  bool fits = shape.rank() == from.rank();
  for (int a = 0; fits && a < shape.rank(); ++a) fits = a == axis || shape[a] <= from[a];
  if (!fits) node.Fail("the indices are no longer than the data on other axes", shape.ToString());
  CheckUpdates(node, shape);
  const std::vector<int64_t> indices = HeldIndices(node, 1), strides = DenseStrides(from);
  node.Spend(static_cast<int64_t>(indices.size()));
  const std::vector<int64_t> own = DenseStrides(shape);
  std::vector<int64_t> places;
  for (size_t i = 0; i < indices.size(); ++i) {
    int64_t place = 0;
    for (int a = 0; a < shape.rank(); ++a) {
      const auto k = static_cast<size_t>(a);
      place +=
          strides[k] * (a == axis ? Place(node, indices[i], from[a]) : static_cast<int64_t>(i) / own[k] % shape[a]);
    }
    places.push_back(place);
  }
  AddScattered(node, places);
}

void ReadScatterND(const ImportNode& node) {
  const Shape from = node.InputShape(0), shape = node.InputShape(1);
  CheckIndexLists(node, shape, from);
  std::vector<int64_t> updated(shape.lengths().begin(), shape.lengths().end() - 1);
  updated.insert(updated.end(), from.lengths().begin() + shape.back(), from.lengths().end());
  CheckUpdates(node, Shape(updated));
  const std::vector<int64_t> indices = HeldIndices(node, 1), strides = DenseStrides(from);
  const auto depth = static_cast<size_t>(shape.back());
  const int64_t run = strides[depth - 1];  // elements that an index means
  SpendProduct(node, static_cast<int64_t>(indices.size() / depth), run);
  std::vector<int64_t> places;
  for (size_t i = 0; i < indices.size(); i += depth) {
    int64_t place = 0;
    for (size_t axis = 0; axis < depth; ++axis) {
      place += strides[axis] * Place(node, indices[i + axis], from[static_cast<int>(axis)]);
    }
    for (int64_t k = 0; k < run; ++k) places.push_back(place + k);
  }
  AddScattered(node, places);
}

}  // namespace

std::vector<OnnxReader> OnnxPlaceReaders() {
  constexpr ImportAxes kFile = ImportAxes::kFile;
  return {
      {"Compress", kFile, ReadCompress},
      {"CumSum", kFile, ReadCumSum},
      {"EyeLike", kFile, ReadEyeLike},
      {"GatherND", kFile, ReadGatherND},
      {"Hardmax", kFile, ReadHardmax},
      {"NonZero", kFile, ReadNonZero},
      {"OneHot", kFile, ReadOneHot},
      {"Scatter", kFile, ReadScatterElements},
      {"ScatterElements", kFile, ReadScatterElements},
      {"ScatterND", kFile, ReadScatterND},
      {"Trilu", kFile, ReadTrilu},
  };
}

}  // namespace convscope::internal
