// Tensors by name as bytes, and back: what a checkpoint is made of. It knows no file; whoever saves writes the bytes
// with WriteFileAtomically (convscope/base/file.h).
//
// The line "convscope tensors 1", then for each tensor the length of its name (uint32), the name, its dtype by name the
// same way, its rank (uint32), its lengths (int64 each), its elements; last 8 bytes of FNV-1a over all before. Numbers
// are little-endian.
#ifndef CONVSCOPE_TRAIN_TENSOR_ARCHIVE_H_
#define CONVSCOPE_TRAIN_TENSOR_ARCHIVE_H_

#include <string>
#include <string_view>

#include "convscope/graph/named_tensors.h"

namespace convscope {

std::string TensorsToBytes(const NamedTensors& tensors);

// Throws Error, naming `where`, for bytes that are no archive, are cut short or were changed. No tensor is larger than
// the bytes that hold it.
NamedTensors TensorsFromBytes(std::string_view bytes, const std::string& where);

// Text as a tensor, uint8 (length,).
SharedTensor TextTensor(std::string_view text);
std::string TextOf(const Tensor& tensor);  // throws Error for another dtype

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_TENSOR_ARCHIVE_H_
