// The two transforms of Winograd's F(2x2, 3x3) in vectors along the channels. Not for users.
//
//        | 1  0 -1  0 |         | 1  1  1  0 |
//  B^T = | 0  1  1  0 |   A^T = | 0  1 -1 -1 |
//        | 0 -1  1  0 |
//        | 0  1  0 -1 |
#ifndef CONVSCOPE_KERNELS_INTERNAL_WINOGRAD_TILES_H_
#define CONVSCOPE_KERNELS_INTERNAL_WINOGRAD_TILES_H_

#include <cstdint>

#include "convscope/kernels/epilogue.h"

namespace convscope::internal {

inline constexpr int kTilePlaces = 16;  // of a tile of 4x4, row by row

// place k of B^T d B to to[k * pitch + c], c in [0, channels), a multiple of 16; pixels[k] is the pixel of input at
// place k.
using WinogradInputFunction = void (*)(const float* const* pixels, int64_t channels, float* to, int64_t pitch);

// A^T m A + bias held within limits, m[k] at from[k * pitch + f], to the pixels of output, row by row, that are not
// null. `filters` is a multiple of 16.
using WinogradOutputFunction = void (*)(const float* from, int64_t pitch, const float* bias, int64_t filters,
                                        const Limits& limits, float* const* pixels);

struct WinogradTiles {
  WinogradInputFunction input;
  WinogradOutputFunction output;
};
WinogradTiles BestWinogradTiles();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_WINOGRAD_TILES_H_
