// Vectors held within an epilogue's limits as they are stored. Not for users.
#if defined(CONVSCOPE_KERNELS_INTERNAL_LIMITS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_INTERNAL_LIMITS_INL_H_
#undef CONVSCOPE_KERNELS_INTERNAL_LIMITS_INL_H_
#else
#define CONVSCOPE_KERNELS_INTERNAL_LIMITS_INL_H_
#endif

#include <hwy/highway.h>

#include "convscope/kernels/epilogue.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// As Limits has it: NaN and -0 stay.
template <class Vec>
HWY_INLINE Vec Within(const Limits& limits, Vec value) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::DFromV<Vec> d;
  const Vec low = hn::Set(d, limits.low), high = hn::Set(d, limits.high);
  value = hn::IfThenElse(hn::Lt(value, low), low, value);
  return hn::IfThenElse(hn::Gt(value, high), high, value);
}

// Of a line that was stored as it was summed.
inline void HoldLine(const Limits& limits, float* values, int64_t count) {
  namespace hn = hwy::HWY_NAMESPACE;
  if (limits == Limits{}) return;
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const Limits held = limits;  // not among the values
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(Within(held, hn::LoadU(d, values + i)), d, values + i);
  for (; i < count; ++i) values[i] = held(values[i]);
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_INTERNAL_LIMITS_INL_H_
