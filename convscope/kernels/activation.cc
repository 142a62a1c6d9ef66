#include "convscope/kernels/activation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/activation.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include "convscope/kernels/activation-inl.h"

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(ActivateAll);

void Activate(const Activation& activation, const float* input, float* output, int64_t count, int64_t row) {
  HWY_DYNAMIC_DISPATCH(ActivateAll)(activation, input, output, count, row);
}

}  // namespace convscope

#endif  // HWY_ONCE
