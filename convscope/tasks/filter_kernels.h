// The kernels of a filter, from the texts that name them: presets, literals, files, and pieces of the picture.
#ifndef CONVSCOPE_TASKS_FILTER_KERNELS_H_
#define CONVSCOPE_TASKS_FILTER_KERNELS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// A rectangle of a picture, in pixels.
struct CropArea {
  int64_t y = 0, x = 0;  // upper left corner
  int64_t height = 1, width = 1;
};

struct KernelBank {
  Tensor values;                   // (R, S, C, F); C is 1 when the kernels run on each channel alone
  std::vector<std::string> names;  // F
  std::vector<float> bias;         // F
  std::vector<CropArea> crops;     // where kernels were cut out of the picture

  int64_t rows() const { return values.shape()[0]; }
  int64_t columns() const { return values.shape()[1]; }
  int64_t channels() const { return values.shape()[2]; }
  int64_t filters() const { return values.shape()[3]; }
};

// `texts` as FilterOptions::kernels; `picture` (H, W, C) is what crop: cuts from. Throws Error, naming the text, unless
// all kernels have one size and hold finite numbers.
KernelBank ResolveKernels(const std::vector<std::string>& texts, const Tensor& picture);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_KERNELS_H_
