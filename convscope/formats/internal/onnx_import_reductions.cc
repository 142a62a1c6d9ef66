// Sums, means and places of the largest along axes of .onnx files.
#include <algorithm>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/top_k_operation.h"

namespace convscope::internal {
namespace {

// The order of what is left when the axes `gone` (of the file) are.
FileAxes Remaining(const FileAxes& axes, const std::vector<int64_t>& gone) {
  FileAxes left;
  for (const int64_t axis : axes) {
    if (std::count(gone.begin(), gone.end(), axis) > 0) continue;
    left.push_back(axis - std::count_if(gone.begin(), gone.end(), [&](int64_t g) { return g < axis; }));
  }
  return left;
}

template <ReduceKind kind>
void ReadReduce(const ImportNode& node) {
  const bool as_input = node.opset() >= (kind == ReduceKind::kSum ? 13 : 18);
  std::vector<int64_t> gone;
  if (!as_input) {
    gone = node.Integers("axes");
  } else if (node.HasInput(1)) {
    gone = node.ConstantIntegers(1, "the axes that are reduced");
  }
  if (gone.empty() && node.Integer("noop_with_empty_axes", 0) == 0) gone = SameAxes(node.rank());
  for (int64_t& axis : gone) axis = node.Axis(axis);
  const FileAxes axes = node.AxesOf(0), places = Inverse(axes);
  std::vector<int64_t> ours;
  for (const int64_t axis : gone) ours.push_back(places[static_cast<size_t>(axis)]);
  std::sort(ours.begin(), ours.end());
  const bool keep = node.Integer("keepdims", 1) != 0;
  const ReduceOp reduce{.kind = kind, .axes = ours, .keep_axes = keep};
  const FileAxes result = keep ? axes : Remaining(axes, gone);
  if (node.InputType(0) != DType::kBool) return node.Add(reduce, {node.Stored(0, axes)}, result);
  // The largest and smallest of bools, as 0 and 1.
  const std::string x = node.AddStep("as_number", CastOp{DType::kUInt8}, {node.Stored(0, axes)});
  const std::string number = node.AddStep("number", reduce, {x});
  if (kind == ReduceKind::kMax || kind == ReduceKind::kMin) return node.Add(CastOp{DType::kBool}, {number}, result);
  node.Fail("bools have a largest and a smallest, no sum", node.type());
}

void ReadArgMax(const ImportNode& node) {
  const int64_t axis = node.Axis(node.Integer("axis", 0));
  const FileAxes axes = node.AxesOf(0);
  const bool keep = node.Integer("keepdims", 1) != 0;
  node.Add(ArgMaxOp{.axis = Inverse(axes)[static_cast<size_t>(axis)],
                    .keep_axis = keep,
                    .least = node.type() == "ArgMin",
                    .last = node.Integer("select_last_index", 0) != 0},
           {node.Stored(0, axes)}, keep ? axes : Remaining(axes, {axis}));
}

void ReadTopK(const ImportNode& node) {
  const int64_t axis = node.Axis(node.Integer("axis", -1));
  const FileAxes axes = node.AxesOf(0);
  const int64_t k = node.opset() < 10 ? node.Integer("k") : node.ConstantInteger(1, "the number k");
  node.Add(TopKOp{.k = k, .axis = Inverse(axes)[static_cast<size_t>(axis)], .largest = node.Integer("largest", 1) != 0},
           {node.Stored(0, axes)}, axes, 0, 2);
}

}  // namespace

std::vector<OnnxReader> OnnxReductionReaders() {
  using Kind = ReduceKind;
  constexpr ImportAxes kAny = ImportAxes::kFollowing;
  return {
      {"ArgMax", kAny, ReadArgMax},
      {"ArgMin", kAny, ReadArgMax},
      {"ReduceL1", kAny, ReadReduce<Kind::kL1>},
      {"ReduceL2", kAny, ReadReduce<Kind::kL2>},
      {"ReduceLogSum", kAny, ReadReduce<Kind::kLogSum>},
      {"ReduceLogSumExp", kAny, ReadReduce<Kind::kLogSumExp>},
      {"ReduceMax", kAny, ReadReduce<Kind::kMax>},
      {"ReduceMean", kAny, ReadReduce<Kind::kMean>},
      {"ReduceMin", kAny, ReadReduce<Kind::kMin>},
      {"ReduceProd", kAny, ReadReduce<Kind::kProduct>},
      {"ReduceSum", kAny, ReadReduce<Kind::kSum>},
      {"ReduceSumSquare", kAny, ReadReduce<Kind::kSumSquare>},
      {"TopK", kAny, ReadTopK},
  };
}

}  // namespace convscope::internal
