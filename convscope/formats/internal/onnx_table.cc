#include "convscope/formats/internal/onnx_table.h"

#include <functional>
#include <map>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

using Table = std::map<std::string_view, OnnxOperation>;

Table MakeTable() {
  Table table;
  for (const auto family :
       {OnnxActivations, OnnxWindowOperations, OnnxArithmeticOperations, OnnxElementwiseOperations, OnnxReductions,
        OnnxNormalizations, OnnxShapeOperations, OnnxPickingOperations, OnnxResizing}) {
    for (const OnnxOperation& operation : family()) table.emplace(operation.type, operation);
  }
  return table;
}

const Table& TheTable() {
  static const Table table = MakeTable();
  return table;
}

}  // namespace

std::vector<std::string> OnnxOperationTypes() {
  std::vector<std::string> types;
  for (const auto& [type, operation] : TheTable()) types.emplace_back(type);
  return types;
}

const OnnxOperation& FindOnnxOperation(std::string_view type) {
  const auto found = TheTable().find(type);
  if (found != TheTable().end()) return found->second;
  throw Error({.rule = "an .onnx file holds operations that have a form in ONNX",
               .received = Concat('"', type, '"'),
               .fix = DidYouMean(type, OnnxOperationTypes())});
}

}  // namespace convscope::internal
