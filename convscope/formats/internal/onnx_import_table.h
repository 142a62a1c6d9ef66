// How each operation of ONNX is read: one entry an operation. Not for users.
//
// To read one more, add an entry to the list of its family (onnx_import_*.cc).
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_TABLE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/internal/onnx_import_node.h"

namespace convscope::internal {

// What an operation wants of the axes of its first input.
enum class ImportAxes : uint8_t {
  kFile,          // the file's order
  kFollowing,     // any: its result stands like its input
  kChannelsLast,  // channels last, where there are three axes or more
};

struct OnnxReader {
  std::string_view type;  // of ONNX
  ImportAxes axes;
  // Adds nodes of ours, and the node's outputs. Throws Error where the node asks for what is not there.
  void (*read)(const ImportNode& node);
};

// Null where there is no entry.
const OnnxReader* FindOnnxReader(std::string_view type);

// The types that have an entry, in the order of the alphabet.
std::vector<std::string> OnnxReaderTypes();

// The families.
std::vector<OnnxReader> OnnxActivationReaders();
std::vector<OnnxReader> OnnxArithmeticReaders();
std::vector<OnnxReader> OnnxBorderReaders();
std::vector<OnnxReader> OnnxNormalizationReaders();
std::vector<OnnxReader> OnnxPlaceReaders();
std::vector<OnnxReader> OnnxReductionReaders();
std::vector<OnnxReader> OnnxShapeReaders();
std::vector<OnnxReader> OnnxWindowReaders();

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_IMPORT_TABLE_H_
