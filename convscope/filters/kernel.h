// A convolution kernel with its name: what presets, expressions, files and crops all become.
//
// Not here: convolving (convscope/kernels), whether a kernel is separable (convscope/kernels/conv.h), reading files.
#ifndef CONVSCOPE_FILTERS_KERNEL_H_
#define CONVSCOPE_FILTERS_KERNEL_H_

#include <cstdint>
#include <string>

#include "convscope/filters/matrix.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

inline constexpr int64_t kMaxKernelSide = 255;
inline constexpr int64_t kMaxKernelElements = int64_t{1} << 24;

struct Kernel {
  std::string name;  // what was asked for: "gaussian:7:1.5", "-t(udacity-1)"
  Tensor values;     // float32: (R, S); (R, S, C) for C channels; or (R, S, C, F), a bank of F filters
  // Added to every output value. Comes from a preset's offset, and is for pixels in [0, 1]; where white is another
  // value, multiply it by that.
  float bias = 0;
};

// Throws Error naming `where` unless the shape is one that Kernel::values may have: 2 to 4 axes, none empty, at most
// kMaxKernelSide rows and columns, at most kMaxKernelElements values.
void CheckKernelShape(const Shape& shape, const std::string& where);

// A kernel of values in hand: an array from a file, a crop of a picture. Any element type; converted to float32.
// Throws Error naming `name` unless the shape is as above and every value is finite in float32.
Kernel MakeKernel(std::string name, const Tensor& values);

// The same for a matrix, and the bias that goes with it. -0 becomes 0, so that no figure shows it.
Kernel MakeKernel(std::string name, const Matrix& values, double bias = 0);

}  // namespace convscope

#endif  // CONVSCOPE_FILTERS_KERNEL_H_
