// Sums and products, element by element and of rows with matrices, in ONNX.
#include <algorithm>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/scale_operation.h"

namespace convscope::internal {
namespace {

template <typename Op>
OperationPtr Read(const OnnxAttributes&) {
  return Op{};
}

// In steps of two: `type` knows no more.
void WriteChain(NodeWriter& node, const std::string& type, std::string_view step) {
  const Layout layout = node.FollowingBroadcast();
  std::string result = node.Term(0, layout);
  for (size_t i = 1; i + 1 < node.input_count(); ++i) {
    const std::string next = node.Term(i, layout);
    result = OutputOf(node.AddStep(Concat(step, "_", i), type, {result, next}));
  }
  const std::string last = node.Term(node.input_count() - 1, layout);
  node.Add(type, {result, last}, layout);
}

void WriteAdd(NodeWriter& node) {
  const DType dtype = node.InputType(0).dtype;
  const bool floating = dtype == DType::kFloat32 || dtype == DType::kFloat64;
  if (node.input_count() == 2 || !floating) return WriteChain(node, "Add", "sum");
  const Layout layout = node.FollowingBroadcast();
  std::vector<std::string> terms;
  for (size_t i = 0; i < node.input_count(); ++i) terms.push_back(node.Term(i, layout));
  node.Add("Sum", terms, layout);
}

void WriteMultiply(NodeWriter& node) {
  WriteChain(node, "Mul", "product");
}

void WriteScale(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::string x = node.Input(0, layout), scale = node.Number("scale", node.attributes().Number("scale"));
  const double offset = node.attributes().Number("offset");
  if (offset == 0) {
    node.Add("Mul", {x, scale}, layout);
  } else {
    const std::string scaled = OutputOf(node.AddStep("scaled", "Mul", {x, scale}));
    node.Add("Add", {scaled, node.Number("offset", offset)}, layout);
  }
}

OperationPtr ReadScale(const OnnxAttributes& attributes) {
  return ScaleOp{.scale = attributes.Number("scale"), .offset = attributes.Number("offset")};
}

void WriteDense(NodeWriter& node) {
  const std::string x = node.Input(0, Layout::kOurs), kernel = node.Input(1, Layout::kOurs);
  if (node.input_count() == 2) {
    node.Add("MatMul", {x, kernel}, Layout::kOurs);
    return;
  }
  const std::string bias = node.Input(2, Layout::kOurs);
  if (node.rank() == 2) {
    node.Add("Gemm", {x, kernel, bias}, Layout::kOurs);
  } else {
    node.Add("Add", {OutputOf(node.AddStep("product", "MatMul", {x, kernel})), bias}, Layout::kOurs);
  }
}

}  // namespace

std::vector<OnnxOperation> OnnxArithmeticOperations() {
  return {
      {"Add", WriteAdd, Read<AddOp>},
      {"Mul", WriteMultiply, Read<MultiplyOp>},
      {"Scale", WriteScale, ReadScale},
      {"Dense", WriteDense, Read<DenseOp>},
  };
}

}  // namespace convscope::internal
