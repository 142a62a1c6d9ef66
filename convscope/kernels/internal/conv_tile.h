// The tile kernel: several pixels times one or two vectors of filters, summed in registers. Not for users.
//
// A "term" of a value's sum is one float of its pixel's window times one weight. Whatever is a sum of such products
// over contiguous stretches of memory runs here: convolution, its gradient to the input, and products of matrices.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_

#include <cstdint>

#include "convscope/kernels/epilogue.h"

namespace convscope::internal {

// Stretches of output rows, times one block of filters. `runs` are stretches of input that are contiguous for a
// pixel: with dilation 1 and one group all taps of a kernel row together (S * C long), else one tap each (C / G long).
struct TileRows {
  const float* const* runs;  // (rows, num_runs) pointers to what the row's first pixel sees
  int64_t num_runs;
  int64_t run_length;     // floats
  int64_t run_offset;     // floats added to every run: the first channel of the block's group
  int64_t pixel_stride;   // floats from a pixel's window to the next one's
  const float* weights;   // (num_runs, run_length, vectors * lanes), zero-padded
  int64_t weights_step;   // floats from a term's weights to the next one's
  const float* bias;      // (vectors * lanes,), zero-padded; null: added to what the output holds
  int64_t vectors;        // as VectorsFor says
  float* const* outputs;  // one a row: its first pixel
  int64_t rows;
  int64_t output_offset;  // floats added to every output: the block's first filter
  int64_t output_stride;  // floats from a pixel to the next
  int64_t pixels;         // in each row
  int64_t filters;        // how many of the vectors * lanes are real and are stored
  Limits limits = {};     // that what is stored is held within
  bool stream;            // store past the cache; needs aligned outputs and strides, a bias, and no padding filters
};

using TileRowsFunction = void (*)(const TileRows&);

// The function of the best target here, and the vector's width in floats that its weights must be packed for.
struct TileKernel {
  // Vectors of the next block where `filters` are left, with so many terms: 1, 2 or 4, as many as there are and the
  // kernel takes, but not four where their weights would leave the second-level cache.
  int64_t VectorsFor(int64_t filters, int64_t terms) const;

  // Vectors that hold so many filters, the rest of a block that is as wide as VectorsFor says: there is no tile of 3.
  int64_t VectorsOf(int64_t filters) const;

  TileRowsFunction run;
  int64_t lanes;
  int64_t most_vectors;  // 2 or 4
};
TileKernel BestTileKernel();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_TILE_H_
