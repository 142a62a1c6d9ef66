#include "convscope/kernels/internal/winograd_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/winograd_tiles.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "convscope/kernels/internal/limits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

void TransformInput(const float* const* pixels, int64_t channels, float* to, int64_t pitch) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t c = 0; c < channels; c += lanes) {
    V rows[4][4];  // B^T d
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const V d0 = hn::LoadU(d, pixels[j] + c), d1 = hn::LoadU(d, pixels[4 + j] + c);
      const V d2 = hn::LoadU(d, pixels[8 + j] + c), d3 = hn::LoadU(d, pixels[12 + j] + c);
      rows[0][j] = hn::Sub(d0, d2);
      rows[1][j] = hn::Add(d1, d2);
      rows[2][j] = hn::Sub(d2, d1);
      rows[3][j] = hn::Sub(d1, d3);
    }
    float* place = to + c;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i, place += 4 * pitch) {
      hn::StoreU(hn::Sub(rows[i][0], rows[i][2]), d, place);
      hn::StoreU(hn::Add(rows[i][1], rows[i][2]), d, place + pitch);
      hn::StoreU(hn::Sub(rows[i][2], rows[i][1]), d, place + 2 * pitch);
      hn::StoreU(hn::Sub(rows[i][1], rows[i][3]), d, place + 3 * pitch);
    }
  }
}

void TransformOutput(const float* from, int64_t pitch, const float* bias, int64_t filters, const Limits& limits,
                     float* const* pixels) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t f = 0; f < filters; f += lanes) {
    V rows[2][4];  // A^T m
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const float* place = from + j * pitch + f;
      const V m0 = hn::LoadU(d, place), m1 = hn::LoadU(d, place + 4 * pitch);
      const V m2 = hn::LoadU(d, place + 8 * pitch), m3 = hn::LoadU(d, place + 12 * pitch);
      rows[0][j] = hn::Add(hn::Add(m0, m1), m2);
      rows[1][j] = hn::Sub(hn::Sub(m1, m2), m3);
    }
    const V offset = hn::LoadU(d, bias + f);
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const V left = hn::Add(hn::Add(rows[i][0], rows[i][1]), hn::Add(rows[i][2], offset));
      const V right = hn::Add(hn::Sub(hn::Sub(rows[i][1], rows[i][2]), rows[i][3]), offset);
      if (pixels[2 * i] != nullptr) hn::StoreU(Within(limits, left), d, pixels[2 * i] + f);
      if (pixels[2 * i + 1] != nullptr) hn::StoreU(Within(limits, right), d, pixels[2 * i + 1] + f);
    }
  }
}

WinogradTiles TargetWinogradTiles() {
  return {TransformInput, TransformOutput};
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetWinogradTiles);

WinogradTiles BestWinogradTiles() {
  return HWY_DYNAMIC_DISPATCH(TargetWinogradTiles)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
