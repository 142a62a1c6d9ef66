#include "convscope/kernels/epilogue.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/epilogue.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "convscope/kernels/internal/limits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {

void HoldIn(const Limits& limits, float* values, int64_t count) {
  internal::HWY_NAMESPACE::HoldLine(limits, values, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope {

HWY_EXPORT(HoldIn);

void Hold(const Limits& limits, float* values, int64_t count) {
  HWY_DYNAMIC_DISPATCH(HoldIn)(limits, values, count);
}

}  // namespace convscope
#endif  // HWY_ONCE
