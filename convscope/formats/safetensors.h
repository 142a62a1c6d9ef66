// Files of tensors in the safetensors format (https://github.com/huggingface/safetensors): the length of a header, the
// header as JSON, the numbers of all tensors one after the other. Reading one runs no code, unlike a .pt file.
//
// Strict, as the format's own reader is: the tensors cover the file after its header without holes, overlaps or bytes
// that are left over, so that each number is one tensor's.
//
// Not here: what the tensors are for (weight_match.h); numbers of 8 bits with an exponent, of 4 and 6 bits, and complex
// ones.
#ifndef CONVSCOPE_FORMATS_SAFETENSORS_H_
#define CONVSCOPE_FORMATS_SAFETENSORS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/stored_tensor.h"

namespace convscope {

struct SafetensorsLimits {
  int64_t header_bytes = 100'000'000;  // the format's own limit
  int64_t tensors = 100'000;
  int64_t elements = int64_t{1} << 31;  // of a tensor; checked before memory is allocated
};

struct SafetensorsFile {
  std::vector<StoredTensor> tensors;            // in the order in which the file holds their numbers
  std::map<std::string, std::string> metadata;  // "__metadata__"
};

// What file `path` holds. Types that Tensor has are kept (F32, F64, U8, I8, I32, I64, BOOL); the others are widened
// without loss: F16 and BF16 to float32; I16 and U16 to int32; U32 to int64. Numbers go from the file into their
// tensors without a copy in between. Throws Error naming `path`, and the tensor, when the file is missing, truncated,
// beyond the limits, of another type, or breaks a rule of the format.
SafetensorsFile ReadSafetensors(const std::filesystem::path& path, const SafetensorsLimits& limits = {});

// The same for the bytes of a file; `where` names them in errors.
SafetensorsFile ParseSafetensors(std::string_view bytes, const std::string& where,
                                 const SafetensorsLimits& limits = {});

// Writes the tensors (any shape and type, each name once, none "__metadata__") to `path`, whole or not at all, without
// copying their numbers: those with the longest elements first, so that all are aligned, else in their order.
void WriteSafetensors(std::span<const StoredTensor> tensors, const std::map<std::string, std::string>& metadata,
                      const std::filesystem::path& path);

// The same as the bytes of a file.
std::string SafetensorsBytes(std::span<const StoredTensor> tensors, const std::map<std::string, std::string>& metadata);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_SAFETENSORS_H_
