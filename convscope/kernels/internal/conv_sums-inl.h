// Sums in registers that stay exact however many terms they have. Not for users.
//
// A float sum of n terms of one sign is off by up to n/2 units in its last place, and on a flat picture it really
// drifts: 512 x 3 x 3 equal products are 1.6e-5 off. So a long sum has three levels: after kSumTerms terms it goes to a
// subtotal in memory, and after kSubtotalSums of those the subtotal to the total. A hundred thousand terms then err by
// less than two hundred did. Compensated summation (Kahan) would do the same at three times the cost.
#if defined(CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_
#undef CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_
#else
#define CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

inline constexpr int64_t kSumTerms = 128;
inline constexpr int64_t kSubtotalSums = 32;

// R x N vectors of sums, kLong where they may have more than kSumTerms terms. The caller adds to `sum` as many terms as
// Next allows, says so with Added, and calls Finish before it reads the sums.
template <int R, int N, bool kLong>
struct Sums;

template <int R, int N>
struct Sums<R, N, false> {
  HWY_INLINE int64_t Next(int64_t wanted) const { return wanted; }
  HWY_INLINE void Added(int64_t) {}
  HWY_INLINE void Finish() {}

  V sum[R][N];
};

template <int R, int N>
struct Sums<R, N, true> {
  HWY_INLINE Sums() {
    const D d;
    for (size_t i = 0; i < kVectors; ++i) {
      hn::Store(hn::Zero(d), d, subtotal_ + i * hn::Lanes(d));
      hn::Store(hn::Zero(d), d, total_ + i * hn::Lanes(d));
    }
  }

  HWY_INLINE int64_t Next(int64_t wanted) const { return std::min(wanted, left_); }

  HWY_INLINE void Added(int64_t terms) {
    left_ -= terms;
    if (HWY_LIKELY(left_ > 0)) return;
    left_ = kSumTerms;
    const D d;
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) {
        float* to = subtotal_ + Place(r, n);
        hn::Store(hn::Add(hn::Load(d, to), sum[r][n]), d, to);
        sum[r][n] = hn::Zero(d);
      }
    }
    if (--sums_left_ > 0) return;
    sums_left_ = kSubtotalSums;
    for (size_t i = 0; i < kVectors; ++i) {
      float* from = subtotal_ + i * hn::Lanes(d);
      float* to = total_ + i * hn::Lanes(d);
      hn::Store(hn::Add(hn::Load(d, to), hn::Load(d, from)), d, to);
      hn::Store(hn::Zero(d), d, from);
    }
  }

  HWY_INLINE void Finish() {
    const D d;
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) {
        const V subtotal = hn::Add(hn::Load(d, subtotal_ + Place(r, n)), sum[r][n]);
        sum[r][n] = hn::Add(hn::Load(d, total_ + Place(r, n)), subtotal);
      }
    }
  }

  V sum[R][N];

 private:
  static constexpr size_t kVectors = static_cast<size_t>(R) * N;

  static HWY_INLINE size_t Place(int r, int n) {
    return static_cast<size_t>(r * N + n) * hn::Lanes(D());
  }

  int64_t left_ = kSumTerms;           // terms until the sums go to the subtotals
  int64_t sums_left_ = kSubtotalSums;  // sums until the subtotals go to the totals
  HWY_ALIGN float subtotal_[kVectors * HWY_MAX_BYTES / sizeof(float)];
  HWY_ALIGN float total_[kVectors * HWY_MAX_BYTES / sizeof(float)];
};

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_
