// Which operation of ours becomes which nodes of ONNX, and how it is made again: one entry an operation. Not for users.
//
// To add an operation, add an entry to the list of its family (onnx_*.cc); a test fails while there is none.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_TABLE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/internal/onnx_attributes.h"
#include "convscope/formats/internal/onnx_node_writer.h"
#include "convscope/graph/operation.h"

namespace convscope::internal {

struct OnnxOperation {
  std::string_view type;  // Operation::type()
  // Adds nodes that compute the same. May throw Error where an attribute has no equal in ONNX.
  void (*write)(NodeWriter& node);
  // The operation that has these attributes. Throws Error where one is missing.
  OperationPtr (*read)(const OnnxAttributes& attributes);
};

// Throws Error, with the nearest names, when there is no entry.
const OnnxOperation& FindOnnxOperation(std::string_view type);

// The types that have an entry, in the order of the alphabet.
std::vector<std::string> OnnxOperationTypes();

// The families.
std::vector<OnnxOperation> OnnxActivations();
std::vector<OnnxOperation> OnnxWindowOperations();
std::vector<OnnxOperation> OnnxArithmeticOperations();
std::vector<OnnxOperation> OnnxElementwiseOperations();
std::vector<OnnxOperation> OnnxReductions();
std::vector<OnnxOperation> OnnxNormalizations();
std::vector<OnnxOperation> OnnxShapeOperations();
std::vector<OnnxOperation> OnnxPickingOperations();
std::vector<OnnxOperation> OnnxResizing();

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_TABLE_H_
