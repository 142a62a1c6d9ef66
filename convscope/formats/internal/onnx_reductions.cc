// What makes one value, or a few, of many in ONNX: reductions, extremes' places, products of matrices.
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/matmul_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/top_k_operation.h"

namespace convscope::internal {
namespace {

// An axis that goes changes the order of those that stay, so it goes from ours.
Layout LayoutOf(const NodeWriter& node, const char* keeps) {
  return node.attributes().Flag(keeps) ? node.Following() : Layout::kOurs;
}

// Of one value alone: ONNX' reductions without axes are of all of them.
void WriteReductionOfOne(NodeWriter& node, ReduceKind kind) {
  const Layout layout = node.Following();
  const std::string x = node.Input(0, layout);
  switch (kind) {
    case ReduceKind::kL1:
    case ReduceKind::kL2:
      node.Add("Abs", {x}, layout);
      return;
    case ReduceKind::kLogSum:
      node.Add("Log", {x}, layout);
      return;
    case ReduceKind::kSumSquare:
      node.Add("Mul", {x, x}, layout);
      return;
    default:
      node.Add("Identity", {x}, layout);
  }
}

template <const char* kType, ReduceKind kKind>
void WriteReduce(NodeWriter& node) {
  const std::vector<int64_t>& axes = node.attributes().Integers("axes");
  if (axes.empty()) return WriteReductionOfOne(node, kKind);
  const Layout layout = LayoutOf(node, "keep_axes");
  std::vector<int64_t> moved;
  for (const int64_t axis : axes) moved.push_back(NodeWriter::AxisIn(layout, axis, node.rank()));
  std::vector<std::string> inputs = {node.Input(0, layout)};
  // In opset 17 the axes of a sum are an input, those of the others an attribute.
  if (kKind == ReduceKind::kSum) inputs.push_back(node.Integers("axes", moved));
  onnx_schema::NodeProto& added = node.Add(kType, inputs, layout);
  if (kKind != ReduceKind::kSum) Set(added, "axes", moved);
  Set(added, "keepdims", int64_t{node.attributes().Flag("keep_axes")});
}

template <ReduceKind kKind>
OperationPtr ReadReduce(const OnnxAttributes& attributes) {
  return ReduceOp{.kind = kKind, .axes = attributes.Integers("axes"), .keep_axes = attributes.Flag("keep_axes")};
}

template <const char* kType, ReduceKind kKind>
OnnxOperation Reduction() {
  return {kType, WriteReduce<kType, kKind>, ReadReduce<kKind>};
}

void WriteMatMul(NodeWriter& node) {
  const std::string a = node.Input(0, Layout::kOurs), b = node.Input(1, Layout::kOurs);
  node.Add("MatMul", {a, b}, Layout::kOurs);
}

OperationPtr ReadMatMul(const OnnxAttributes&) {
  return MatMulOp{};
}

template <const char* kType>
void WriteArgMax(NodeWriter& node) {
  const Layout layout = LayoutOf(node, "keep_axis");
  const int64_t axis = NodeWriter::AxisIn(layout, node.attributes().Integer("axis"), node.rank());
  onnx_schema::NodeProto& added = Set(node.Add(kType, {node.Input(0, layout)}, layout), "axis", axis);
  Set(Set(added, "keepdims", int64_t{node.attributes().Flag("keep_axis")}), "select_last_index",
      int64_t{node.attributes().Flag("last")});
}

template <bool kLeast>
OperationPtr ReadArgMax(const OnnxAttributes& attributes) {
  return ArgMaxOp{.axis = attributes.Integer("axis"),
                  .keep_axis = attributes.Flag("keep_axis"),
                  .least = kLeast,
                  .last = attributes.Flag("last")};
}

void WriteTopK(NodeWriter& node) {
  const Layout layout = node.Following();
  const int64_t axis = NodeWriter::AxisIn(layout, node.attributes().Integer("axis"), node.rank());
  const std::string x = node.Input(0, layout), k = node.Integers("k", {node.attributes().Integer("k")});
  Set(Set(node.Add("TopK", {x, k}, layout), "axis", axis), "largest", int64_t{node.attributes().Flag("largest")});
}

OperationPtr ReadTopK(const OnnxAttributes& attributes) {
  return TopKOp{
      .k = attributes.Integer("k"), .axis = attributes.Integer("axis"), .largest = attributes.Flag("largest")};
}

// Template arguments are objects with a name.
constexpr char kSum[] = "ReduceSum", kMean[] = "ReduceMean", kMax[] = "ReduceMax", kMin[] = "ReduceMin",
               kProd[] = "ReduceProd", kL1[] = "ReduceL1", kL2[] = "ReduceL2", kLogSum[] = "ReduceLogSum",
               kLogSumExp[] = "ReduceLogSumExp", kSumSquare[] = "ReduceSumSquare", kArgMax[] = "ArgMax",
               kArgMin[] = "ArgMin";

}  // namespace

std::vector<OnnxOperation> OnnxReductions() {
  return {
      Reduction<kSum, ReduceKind::kSum>(),
      Reduction<kMean, ReduceKind::kMean>(),
      Reduction<kMax, ReduceKind::kMax>(),
      Reduction<kMin, ReduceKind::kMin>(),
      Reduction<kProd, ReduceKind::kProduct>(),
      Reduction<kL1, ReduceKind::kL1>(),
      Reduction<kL2, ReduceKind::kL2>(),
      Reduction<kLogSum, ReduceKind::kLogSum>(),
      Reduction<kLogSumExp, ReduceKind::kLogSumExp>(),
      Reduction<kSumSquare, ReduceKind::kSumSquare>(),
      {"MatMul", WriteMatMul, ReadMatMul},
      {"ArgMax", WriteArgMax<kArgMax>, ReadArgMax<false>},
      {"ArgMin", WriteArgMax<kArgMin>, ReadArgMax<true>},
      {"TopK", WriteTopK, ReadTopK},
  };
}

}  // namespace convscope::internal
