// Sums, products and what is made of them, in ONNX.
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/add_operation.h"

namespace convscope::internal {
namespace {

void WriteAdd(NodeWriter& node) {
  const Layout layout = node.Following();
  std::vector<std::string> terms;
  for (size_t i = 0; i < node.input_count(); ++i) terms.push_back(node.Input(i, layout));
  node.Add(terms.size() == 2 ? "Add" : "Sum", terms, layout);
}

OperationPtr ReadAdd(const OnnxAttributes&) {
  return AddOp{};
}

}  // namespace

std::vector<OnnxOperation> OnnxArithmeticOperations() {
  return {
      {"Add", WriteAdd, ReadAdd},
  };
}

}  // namespace convscope::internal
