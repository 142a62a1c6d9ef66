#include "convscope/kernels/internal/transpose.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/transpose.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void TransposeAll(const float* HWY_RESTRICT from, int64_t rows, int64_t columns, int64_t from_stride,
                  float* HWY_RESTRICT to, int64_t to_stride) {
  int64_t r = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<float, 4> d;
  const hn::Repartition<double, decltype(d)> pairs;
  for (; r + 4 <= rows; r += 4) {
    const float* HWY_RESTRICT a = from + r * from_stride;
    int64_t c = 0;
    for (; c + 4 <= columns; c += 4) {
      const auto row0 = hn::LoadU(d, a + c), row1 = hn::LoadU(d, a + from_stride + c);
      const auto row2 = hn::LoadU(d, a + 2 * from_stride + c), row3 = hn::LoadU(d, a + 3 * from_stride + c);
      // Columns 0 and 1, then 2 and 3, of two rows at a time: 00 10 01 11.
      const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row0, row1));
      const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row2, row3));
      const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row0, row1));
      const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row2, row3));
      float* HWY_RESTRICT out = to + c * to_stride + r;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, out);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, out + to_stride);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, out + 2 * to_stride);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, out + 3 * to_stride);
    }
    for (; c < columns; ++c) {
      for (int64_t i = 0; i < 4; ++i) to[c * to_stride + r + i] = a[i * from_stride + c];
    }
  }
#endif
  for (; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[c * to_stride + r] = from[r * from_stride + c];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TransposeAll);

void Transpose(const float* from, int64_t rows, int64_t columns, int64_t from_stride, float* to, int64_t to_stride) {
  HWY_DYNAMIC_DISPATCH(TransposeAll)(from, rows, columns, from_stride, to, to_stride);
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
