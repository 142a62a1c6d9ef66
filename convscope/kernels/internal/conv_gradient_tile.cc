#include "convscope/kernels/internal/conv_gradient_tile.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_gradient_tile.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "convscope/kernels/internal/conv_filters-inl.h"
#include "convscope/kernels/internal/conv_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// Sums that fit into the registers beside what is being multiplied: of 32 on AVX-512 and NEON, of 16 elsewhere.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3  // a better target has a lower number
constexpr int kSums = 28;
#elif HWY_ARCH_ARM_A64
constexpr int kSums = 24;
#else
constexpr int kSums = 12;
#endif
constexpr int kMaxVectors = 4;
constexpr int kMaxElements = 14;

// One tile of P elements x N vectors. What there is less of is held in registers, the other passes through one.
template <int P, int N>
HWY_NOINLINE void Tile(const GradientTile& work, int64_t first_element, int64_t first_filter) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V sum[P][N];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sum[p][n] = hn::Zero(d);
  }
  const int64_t x_step = work.x_step, dy_step = work.dy_step;
  for (int64_t r = 0; r < work.rows; ++r) {
    const float* HWY_RESTRICT x = work.x[r] + work.x_offset + first_element;
    const float* HWY_RESTRICT dy = work.dy[r] + work.dy_offset + first_filter;
    for (int64_t i = work.pixels; i > 0; --i, x += x_step, dy += dy_step) {
      if constexpr (P < N) {
        V element[P];
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) element[p] = hn::Set(d, x[p]);
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) {
          const V filters = hn::LoadU(d, dy + n * lanes);
#pragma GCC unroll 16
          for (int p = 0; p < P; ++p) sum[p][n] = hn::MulAdd(element[p], filters, sum[p][n]);
        }
      } else {
        V filters[N];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) filters[n] = hn::LoadU(d, dy + n * lanes);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
          const V element = hn::Set(d, x[p]);
#pragma GCC unroll 4
          for (int n = 0; n < N; ++n) sum[p][n] = hn::MulAdd(element, filters[n], sum[p][n]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    float* to = work.result + (first_element + p) * work.result_stride + first_filter;
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) {
      const int64_t left = work.filters - first_filter - n * lanes;
      if (work.add) sum[p][n] = hn::Add(LoadFilters(to + n * lanes, left), sum[p][n]);
      StoreFilters(sum[p][n], left, false, to + n * lanes);
    }
  }
}

using TileFunction = void (*)(const GradientTile&, int64_t, int64_t);

// Tiles that fit into the registers; those that do not are never asked for.
template <size_t I>
constexpr TileFunction TileOf() {
  constexpr int kP = static_cast<int>(I) / kMaxVectors + 1, kN = static_cast<int>(I) % kMaxVectors + 1;
  if constexpr (kP * kN <= kSums) {
    return Tile<kP, kN>;
  } else {
    return nullptr;
  }
}

template <size_t... I>
constexpr std::array<TileFunction, sizeof...(I)> AllTiles(std::index_sequence<I...>) {
  return {TileOf<I>()...};
}

// The number of vectors in a tile that takes the fewest cycles over all: two multiply-adds or two loads a cycle, and
// none below the four that a sum waits for its last multiply-add.
int BestVectors(int64_t all_elements, int64_t all_vectors) {
  // Small numbers, since divisions of large ones would take as long as a small tile.
  const auto elements = static_cast<uint32_t>(all_elements), vectors = static_cast<uint32_t>(all_vectors);
  int best = 1;
  uint64_t fewest = UINT64_MAX;
  for (uint32_t n = 1; n <= std::min<uint32_t>(kMaxVectors, vectors); ++n) {
    const uint32_t most = std::min<uint32_t>(kSums / n, kMaxElements);
    const uint32_t tiles = (elements + most - 1) / most;
    const uint32_t p = (elements + tiles - 1) / tiles;
    const uint64_t cycles = uint64_t{std::max<uint32_t>({p * n, p + n, 8})} * tiles * ((vectors + n - 1) / n);
    if (cycles < fewest) {
      fewest = cycles;
      best = static_cast<int>(n);
    }
  }
  return best;
}

void RunGradientTile(const GradientTile& work) {
  static constexpr auto kTiles = AllTiles(std::make_index_sequence<kMaxElements * kMaxVectors>());
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const int64_t vectors = (work.filters + lanes - 1) / lanes;
  const int64_t width = BestVectors(work.elements, vectors);
  const int64_t most = std::min<int64_t>(kSums / width, kMaxElements);
  const int64_t tiles = (work.elements + most - 1) / most;
  const int64_t size = work.elements / tiles, larger = work.elements % tiles;  // `larger` tiles have one element more
  int64_t element = 0;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t elements = size + (t < larger ? 1 : 0);
    for (int64_t v = 0; v < vectors; v += width) {
      const int64_t n = std::min(width, vectors - v);
      kTiles[static_cast<size_t>((elements - 1) * kMaxVectors + n - 1)](work, element, v * lanes);
    }
    element += elements;
  }
}

GradientTileFunction TargetGradientTile() {
  return RunGradientTile;
}

int64_t TargetGradientTileLanes() {
  return static_cast<int64_t>(hn::Lanes(D()));
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetGradientTile);
HWY_EXPORT(TargetGradientTileLanes);

GradientTileFunction BestGradientTile() {
  return HWY_DYNAMIC_DISPATCH(TargetGradientTile)();
}

int64_t GradientTileLanes() {
  return HWY_DYNAMIC_DISPATCH(TargetGradientTileLanes)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
