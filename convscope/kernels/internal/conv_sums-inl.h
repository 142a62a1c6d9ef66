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
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

inline constexpr int64_t kSumTerms = 128;
inline constexpr int64_t kSubtotalSums = 32;

// How many terms a sum may have: up to kSumTerms, up to kSumTerms x kSubtotalSums, or any number.
enum class Terms { kFew, kMany, kAny };

// Calls `run` with the std::integral_constant of what so many terms need.
template <class F>
HWY_INLINE void ForTerms(int64_t terms, const F& run) {
  if (terms <= kSumTerms) return run(std::integral_constant<Terms, Terms::kFew>());
  if (terms <= kSumTerms * kSubtotalSums) return run(std::integral_constant<Terms, Terms::kMany>());
  run(std::integral_constant<Terms, Terms::kAny>());
}

// R x N vectors of sums of so many terms. The caller adds to `sum` as many terms as Next allows, says so with Added,
// and calls Finish before it reads the sums.
template <int R, int N, Terms kTerms>
class Sums {
 public:
  HWY_INLINE Sums() {
    if constexpr (kTerms == Terms::kAny) {
      ForAll([&](V&, size_t place) { hn::Store(hn::Zero(D()), D(), total_ + place); });
    }
  }

  HWY_INLINE int64_t Next(int64_t wanted) const { return kTerms == Terms::kFew ? wanted : std::min(wanted, left_); }

  HWY_INLINE void Added(int64_t terms) {
    if constexpr (kTerms != Terms::kFew) {
      left_ -= terms;
      if (HWY_UNLIKELY(left_ == 0)) Put();
    }
  }

  HWY_INLINE void Finish() {
    const D d;
    if constexpr (kTerms != Terms::kFew) {
      if (sums_ > 0) ForAll([&](V& v, size_t place) { v = hn::Add(hn::Load(d, subtotal_ + place), v); });
    }
    if constexpr (kTerms == Terms::kAny) {
      ForAll([&](V& v, size_t place) { v = hn::Add(hn::Load(d, total_ + place), v); });
    }
  }

  V sum[R][N];

 private:
  // Calls do_it with each vector and its place in the arrays. Unrolled completely, or the vectors leave the registers.
  template <class F>
  HWY_INLINE void ForAll(const F& do_it) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) do_it(sum[r][n], static_cast<size_t>(r * N + n) * hn::Lanes(D()));
    }
  }

  // The sums go to the subtotals, which start as the first of them: no tile fills them with zeros.
  HWY_INLINE void Put() {
    const D d;
    left_ = kSumTerms;
    if (sums_ == 0) {
      ForAll([&](V& v, size_t place) { hn::Store(v, d, subtotal_ + place); });
    } else {
      ForAll([&](V& v, size_t place) { hn::Store(hn::Add(hn::Load(d, subtotal_ + place), v), d, subtotal_ + place); });
    }
    ForAll([&](V& v, size_t) { v = hn::Zero(d); });
    ++sums_;
    if constexpr (kTerms == Terms::kAny) {
      if (sums_ < kSubtotalSums) return;
      sums_ = 0;
      for (size_t i = 0; i < static_cast<size_t>(R) * N; ++i) {
        float* const to = total_ + i * hn::Lanes(d);
        hn::Store(hn::Add(hn::Load(d, to), hn::Load(d, subtotal_ + i * hn::Lanes(d))), d, to);
      }
    }
  }

  static constexpr size_t kFloats = static_cast<size_t>(R) * N * HWY_MAX_BYTES / sizeof(float);

  int64_t left_ = kSumTerms;  // terms until the sums go to the subtotals
  int64_t sums_ = 0;          // sums in the subtotals
  HWY_ALIGN float subtotal_[kTerms == Terms::kFew ? 1 : kFloats];
  HWY_ALIGN float total_[kTerms == Terms::kAny ? kFloats : 1];
};

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_SUMS_INL_H_
