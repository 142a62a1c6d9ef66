#include "convscope/kernels/activation_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/activation_gradient.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include "convscope/kernels/activation_gradient-inl.h"

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(ActivationGradientOfAll);

bool GradientReadsOutput(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kSwish:
    case ActivationKind::kGelu:
    case ActivationKind::kMish:
    case ActivationKind::kHardSwish:
      return false;
    case ActivationKind::kThresholdedRelu:
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
      return activation.alpha >= 0;
    default:
      return true;
  }
}

void ActivationGradient(const Activation& activation, const float* value, const float* output_gradient,
                        float* input_gradient, int64_t count, int64_t row) {
  HWY_DYNAMIC_DISPATCH(ActivationGradientOfAll)(activation, value, output_gradient, input_gradient, count, row);
}

}  // namespace convscope

#endif  // HWY_ONCE
