// NumPy's .npy files: one array each.
//
// Reads format versions 1 to 3, C and Fortran order, little and big endian; always yields row-major. Writes version
// 1.0, C order, little endian, the data aligned to 64 bytes, as numpy.save does.
// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
// Not here: .npz archives, structured, text, complex and Python-object arrays (the last would run code).
#ifndef CONVSCOPE_FORMATS_NPY_H_
#define CONVSCOPE_FORMATS_NPY_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct NpyLimits {
  int64_t bytes = int64_t{1} << 33;     // of the file
  int64_t elements = int64_t{1} << 31;  // of the array; checked before memory is allocated
};

// The array in file `path`. Types that Tensor has are kept (f4, f8, u1, i1, i4, i8, b1); the others are widened without
// loss: f2 to float32; i2 and u2 to int32; u4 to int64. Throws Error naming `path` when the file is missing, truncated,
// longer than its header says, not an .npy file, of another type or larger than the limits.
Tensor ReadNpy(const std::filesystem::path& path, const NpyLimits& limits = {});

// The same for the bytes of a file; `where` names them in errors.
Tensor ParseNpy(std::string_view bytes, const std::string& where, const NpyLimits& limits = {});

// How many bytes the whole file must have, as its header says, given how it begins; -1 where that is too little to
// tell. Throws Error for a header that ParseNpy does not take.
int64_t StatedNpyBytes(std::string_view beginning, const std::string& where, const NpyLimits& limits = {});

// What stands before the elements of such an array in a file.
std::string NpyHeader(DType dtype, const Shape& shape);

// Writes `array` (any shape and type) to `path`, whole or not at all, without copying its data.
void WriteNpy(const Tensor& array, const std::filesystem::path& path);
void WriteNpy(TensorView<const float> array, const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_NPY_H_
