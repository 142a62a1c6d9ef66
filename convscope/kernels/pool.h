// Max and average pooling in one, two and three dimensions, forward, float32: the fast twin of reference/pool.h.
#ifndef CONVSCOPE_KERNELS_POOL_H_
#define CONVSCOPE_KERNELS_POOL_H_

#include <array>
#include <cstdint>

#include "convscope/kernels/window.h"
#include "convscope/tensor/shape.h"

namespace convscope {

enum class PoolKind : uint8_t { kMax, kAverage };

// Layouts: input (N, spatial..., C), output (N, out spatial..., C).
struct PoolSpec {
  PoolKind kind = PoolKind::kMax;
  int rank = 2;  // spatial axes, 1 to 3
  std::array<WindowAxis, 3>
      axes;  // depth, rows, columns; a rank below 3 uses the last ones and leaves the others as is
  int64_t batch = 1;
  int64_t channels = 1;
  // kZero: the maximum never sees padding, the average leaves it out of the count unless count_include_pad. The other
  // modes pad with pixels of the picture, which count as any pixel. What ceil_mode adds past the padding never counts.
  PadMode pad_mode = PadMode::kZero;
  bool count_include_pad = false;  // average with kZero only

  Shape InputShape() const;
  Shape OutputShape() const;

  // Throws Error unless every axis passes Check, rank is 1 to 3, and with kZero each window holds a pixel
  // (padding < extent).
  void Check() const;
};

// input: InputShape(), output: OutputShape(). A NaN in a window makes its maximum NaN. Throws Error when `spec` does.
void Pool(const PoolSpec& spec, const float* input, float* output);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_POOL_H_
