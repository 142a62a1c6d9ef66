// Operations that move elements or leave some out, in ONNX.
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope::internal {
namespace {

// The order of elements is that of our axes. 0 and -1 mean the same in ONNX.
void WriteReshape(NodeWriter& node) {
  const std::string shape = node.Integers("shape", node.attributes().Integers("shape"));
  node.Add("Reshape", {node.Input(0, Layout::kOurs), shape}, Layout::kOurs);
}

OperationPtr ReadReshape(const OnnxAttributes& attributes) {
  return ReshapeOp{attributes.Integers("shape")};
}

}  // namespace

std::vector<OnnxOperation> OnnxShapeOperations() {
  return {
      {"Reshape", WriteReshape, ReadReshape},
  };
}

}  // namespace convscope::internal
