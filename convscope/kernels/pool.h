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
  // Depth, rows, columns; a rank below 3 uses the last ones and leaves the others as they are.
  std::array<WindowAxis, 3> axes;
  int64_t batch = 1;
  int64_t channels = 1;
  // kZero: the maximum never sees padding, the average leaves it out of the count unless count_include_pad. The other
  // modes pad with pixels of the picture, which count as any pixel. What ceil_mode adds past the padding never counts.
  // A dilated window may step over a small picture and see padding alone: its maximum is -infinity, its average NaN.
  PadMode pad_mode = PadMode::kZero;
  bool count_include_pad = false;  // average with kZero only

  Shape InputShape() const;
  Shape OutputShape() const;

  // Throws Error unless every axis passes Check, rank is 1 to 3, batch and channels are at least 1, both shapes are
  // possible, and with kZero padding is smaller than the window's extent.
  void Check() const;
};

// input: spec.InputShape(), output: spec.OutputShape(), no overlap. A NaN in a window makes its maximum NaN. Runs on
// all threads. Throws Error when spec.Check does.
void Pool(const PoolSpec& spec, const float* input, float* output);

// The same in the calling thread alone, for who shares out larger work himself.
void PoolHere(const PoolSpec& spec, const float* input, float* output);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_POOL_H_
