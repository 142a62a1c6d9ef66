// The tile kernel: several pixels times one or two vectors of filters, summed in registers. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_

#include <cstdint>

namespace convscope::internal {

// A stretch of one output row, times one block of filters. `runs` are stretches of input that are contiguous for a
// pixel: with dilation 1 and one group all taps of a kernel row together (S * C long), else one tap each (C / G long).
struct TileRow {
  const float* const* runs;  // num_runs pointers to what the first pixel sees
  int64_t num_runs;
  int64_t run_length;     // floats
  int64_t run_offset;     // floats added to every run: the first channel of the block's group
  int64_t pixel_stride;   // floats from a pixel's window to the next one's
  const float* weights;   // (num_runs, run_length, vectors * lanes), zero-padded
  const float* bias;      // (vectors * lanes,), zero-padded
  int64_t vectors;        // 1 or 2
  float* output;          // first filter of the first pixel
  int64_t output_stride;  // floats from a pixel to the next
  int64_t pixels;
  int64_t filters;  // how many of the vectors * lanes are real and are stored
  bool stream;      // store past the cache; needs output and output_stride aligned to a vector, and no padding filters
};

using TileRowFunction = void (*)(const TileRow&);

// The function of the best target here, and the vector's width in floats that its weights must be packed for.
struct TileKernel {
  TileRowFunction run;
  int64_t lanes;
};
TileKernel BestTileKernel();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_
