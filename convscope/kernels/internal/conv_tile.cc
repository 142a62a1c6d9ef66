#include "convscope/kernels/internal/conv_tile.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_tile.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "convscope/kernels/internal/conv_filters-inl.h"
#include "convscope/kernels/internal/conv_sums-inl.h"
#include "convscope/kernels/internal/limits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// A tile's accumulators, its vectors of weights and one broadcast must fit into the registers: 32 on AVX-512 and NEON,
// 16 elsewhere. Four vectors of weights take the fewest instructions for a multiply-add (6 pixels: 34 for 24; two
// vectors and 14 pixels: 44 for 28), which counts where two threads of a core share its front end.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3  // a better target has a lower number
constexpr int kMostVectors = 4;
constexpr int MaxPixels(int vectors) {
  return vectors <= 2 ? 14 : 6;
}
#elif HWY_ARCH_ARM_A64
constexpr int kMostVectors = 2;
constexpr int MaxPixels(int) {
  return 12;
}
#else
constexpr int kMostVectors = 2;
constexpr int MaxPixels(int) {
  return 6;
}
#endif

// One tile. The loops over P and N are unrolled completely: only then do the accumulators live in registers.
template <int P, int N, Terms kTerms>
HWY_NOINLINE void Tile(const TileRows& work, const float* const* runs, float* output, int64_t first_pixel) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  float* const to = output + work.output_offset + first_pixel * work.output_stride;
  Sums<P, N, kTerms> sums;
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) {
      sums.sum[p][n] = work.bias != nullptr
                           ? hn::Load(d, work.bias + n * lanes)
                           : LoadFilters(to + p * work.output_stride + n * lanes, work.filters - n * lanes);
    }
  }
  const float* HWY_RESTRICT weights = work.weights;
  const int64_t stride = work.pixel_stride, step = work.weights_step;
  for (int64_t r = 0; r < work.num_runs; ++r) {
    const float* HWY_RESTRICT x = runs[r] + work.run_offset + first_pixel * stride;
    for (int64_t left = work.run_length; left > 0;) {
      const int64_t terms = sums.Next(left);
      for (int64_t i = 0; i < terms; ++i, ++x, weights += step) {
        V w[N];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) w[n] = hn::LoadU(d, weights + n * lanes);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
          const V pixel = hn::Set(d, x[p * stride]);
#pragma GCC unroll 4
          for (int n = 0; n < N; ++n) sums.sum[p][n] = hn::MulAdd(pixel, w[n], sums.sum[p][n]);
        }
      }
      left -= terms;
      sums.Added(terms);
    }
  }
  sums.Finish();
  if (work.limits != Limits{}) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) sums.sum[p][n] = Within(work.limits, sums.sum[p][n]);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) {
      StoreFilters(sums.sum[p][n], work.filters - n * lanes, work.stream, to + p * work.output_stride + n * lanes);
    }
  }
}

using TileFunction = void (*)(const TileRows&, const float* const*, float*, int64_t);

template <int N, Terms kTerms, size_t... P>
constexpr std::array<TileFunction, sizeof...(P)> TilesOf(std::index_sequence<P...>) {
  return {Tile<static_cast<int>(P) + 1, N, kTerms>...};
}

// Tiles of 1 to MaxPixels pixels: a row is cut into tiles of almost equal size, since a tile of one or two pixels
// takes nearly as long as one of six.
template <int N, Terms kTerms>
void RunRows(const TileRows& work) {
  constexpr int kMost = MaxPixels(N);
  static constexpr auto kTiles = TilesOf<N, kTerms>(std::make_index_sequence<kMost>());
  const int64_t tiles = (work.pixels + kMost - 1) / kMost;
  const int64_t size = work.pixels / tiles, larger = work.pixels % tiles;  // `larger` tiles have one pixel more
  for (int64_t r = 0; r < work.rows; ++r) {
    const float* const* runs = work.runs + r * work.num_runs;
    int64_t pixel = 0;
    for (int64_t t = 0; t < tiles; ++t) {
      const int64_t pixels = size + (t < larger ? 1 : 0);
      kTiles[static_cast<size_t>(pixels - 1)](work, runs, work.outputs[r], pixel);
      pixel += pixels;
    }
  }
}

void RunTileRows(const TileRows& work) {
  ForTerms(work.num_runs * work.run_length, [&](auto terms) {
    if (work.vectors == 1) return RunRows<1, terms>(work);
    if (work.vectors == 2) return RunRows<2, terms>(work);
    // So many terms never come with so many vectors, see VectorsFor.
    if constexpr (kMostVectors == 4 && terms != Terms::kAny) {
      if (work.vectors == 4) return RunRows<4, terms>(work);
    }
    HWY_ABORT("no tile has %d vectors", static_cast<int>(work.vectors));
  });
  if (work.stream) hwy::FlushStream();
}

TileKernel TargetTileKernel() {
  return {RunTileRows, static_cast<int64_t>(hn::Lanes(D())), kMostVectors};
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetTileKernel);

int64_t TileKernel::VectorsFor(int64_t filters, int64_t terms) const {
  constexpr int64_t kMostWeights = int64_t{1} << 16;  // floats: a part of the second-level cache of common machines
  const int64_t left = (filters + lanes - 1) / lanes;
  if (left >= 4 && most_vectors == 4 && terms * 4 * lanes <= kMostWeights) return 4;
  return std::min<int64_t>(left, 2);
}

int64_t TileKernel::VectorsOf(int64_t filters) const {
  const int64_t vectors = (filters + lanes - 1) / lanes;
  return vectors == 3 ? 4 : vectors;
}

TileKernel BestTileKernel() {
  return HWY_DYNAMIC_DISPATCH(TargetTileKernel)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
