#include "convscope/kernels/internal/conv_tile.h"

#include <array>
#include <cstring>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_tile.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "convscope/kernels/internal/conv_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// Pixels x 2 accumulators, two vectors of weights and one broadcast must fit into the registers: 32 on AVX-512 and
// NEON, 16 elsewhere.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3  // a better target has a lower number
constexpr int kMaxPixels = 14;
#elif HWY_ARCH_ARM_A64
constexpr int kMaxPixels = 12;
#else
constexpr int kMaxPixels = 6;
#endif

HWY_INLINE void StoreFilters(V value, int64_t filters, bool stream, float* to) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (HWY_LIKELY(filters >= lanes)) {
    if (stream) {
      hn::Stream(value, d, to);
    } else {
      hn::StoreU(value, d, to);
    }
    return;
  }
#if HWY_MEM_OPS_MIGHT_FAULT
  // Emulated masked stores write back the neighbours, which another thread may be writing.
  HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(value, d, buffer);
  std::memcpy(to, buffer, static_cast<size_t>(filters) * sizeof(float));
#else
  hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(filters)), d, to);
#endif
}

// One tile. The loops over P and N are unrolled completely: only then do the accumulators live in registers.
template <int P, int N, bool kLong>
HWY_INLINE void Tile(const TileRow& row, int64_t first_pixel) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  Sums<P, N, kLong> sums;
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) sums.sum[p][n] = hn::Load(d, row.bias + n * lanes);
  }
  const float* HWY_RESTRICT weights = row.weights;
  const int64_t stride = row.pixel_stride;
  for (int64_t r = 0; r < row.num_runs; ++r) {
    const float* HWY_RESTRICT x = row.runs[r] + row.run_offset + first_pixel * stride;
    for (int64_t left = row.run_length; left > 0;) {
      const int64_t terms = sums.Next(left);
      for (int64_t i = 0; i < terms; ++i, ++x, weights += N * lanes) {
        V w[N];
#pragma GCC unroll 2
        for (int n = 0; n < N; ++n) w[n] = hn::Load(d, weights + n * lanes);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
          const V pixel = hn::Set(d, x[p * stride]);
#pragma GCC unroll 2
          for (int n = 0; n < N; ++n) sums.sum[p][n] = hn::MulAdd(pixel, w[n], sums.sum[p][n]);
        }
      }
      left -= terms;
      sums.Added(terms);
    }
  }
  sums.Finish();
  float* to = row.output + first_pixel * row.output_stride;
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 2
    for (int n = 0; n < N; ++n) {
      StoreFilters(sums.sum[p][n], row.filters - n * static_cast<int64_t>(lanes), row.stream,
                   to + p * row.output_stride + n * lanes);
    }
  }
}

template <int P, int N, bool kLong>
HWY_NOINLINE void TileOf(const TileRow& row, int64_t first_pixel) {
  Tile<P, N, kLong>(row, first_pixel);
}

using TileFunction = void (*)(const TileRow&, int64_t);

template <int N, bool kLong, size_t... P>
constexpr std::array<TileFunction, sizeof...(P)> TilesOf(std::index_sequence<P...>) {
  return {TileOf<static_cast<int>(P) + 1, N, kLong>...};
}

// Tiles of 1 to kMaxPixels pixels: a row is cut into tiles of almost equal size, since a tile of one or two pixels
// takes nearly as long as one of six.
template <int N, bool kLong>
void RunRow(const TileRow& row) {
  static constexpr auto kTiles = TilesOf<N, kLong>(std::make_index_sequence<kMaxPixels>());
  const int64_t tiles = (row.pixels + kMaxPixels - 1) / kMaxPixels;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t begin = row.pixels * t / tiles;
    const int64_t end = row.pixels * (t + 1) / tiles;
    kTiles[static_cast<size_t>(end - begin - 1)](row, begin);
  }
}

void RunTileRow(const TileRow& row) {
  if (row.num_runs * row.run_length > kSumTerms) {
    row.vectors == 2 ? RunRow<2, true>(row) : RunRow<1, true>(row);
  } else {
    row.vectors == 2 ? RunRow<2, false>(row) : RunRow<1, false>(row);
  }
  if (row.stream) hwy::FlushStream();
}

TileKernel TargetTileKernel() {
  return {RunTileRow, static_cast<int64_t>(hn::Lanes(D()))};
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetTileKernel);

TileKernel BestTileKernel() {
  return HWY_DYNAMIC_DISPATCH(TargetTileKernel)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
