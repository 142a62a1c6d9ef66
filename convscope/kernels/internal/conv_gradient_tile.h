// The tile kernel of the gradient to the kernel: elements of the kernel times vectors of filters, summed over pixels in
// registers. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_TILE_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_TILE_H_

#include <cstdint>

namespace convscope::internal {

// result[e, f] (+)= sum over rows r and pixels p of x[r][x_offset + p * x_step + e] * dy[r][dy_offset + p * dy_step +
// f]. Reads dY in whole vectors: up to a vector less one float beyond the last filter, whatever lies there.
struct GradientTile {
  const float* const* x;   // one a row: what the row's first pixel sees
  const float* const* dy;  // one a row: its first pixel
  int64_t rows;
  int64_t pixels;    // in each row; rows * pixels terms are one sum
  int64_t x_offset;  // floats added to every x
  int64_t x_step;    // floats from a pixel to the next
  int64_t dy_offset;
  int64_t dy_step;
  int64_t elements;  // neighbours in memory
  int64_t filters;
  float* result;  // (elements, filters)
  int64_t result_stride;
  bool add;  // to what the result holds
};

using GradientTileFunction = void (*)(const GradientTile&);

GradientTileFunction BestGradientTile();
int64_t GradientTileLanes();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_TILE_H_
