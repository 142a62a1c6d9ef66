#include "convscope/kernels/parameter_update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/parameter_update.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include "convscope/kernels/parameter_update-inl.h"

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(UpdateRange);
HWY_EXPORT(SumSquares);

std::vector<std::string_view> ParameterUpdate::StateNames() const {
  std::vector<std::string_view> names;
  switch (kind) {
    case UpdateKind::kSgd:
      break;
    case UpdateKind::kAdagrad:
      return {"sum"};
    case UpdateKind::kAdadelta:
      return {"square", "moved"};
    case UpdateKind::kRmsProp:
      names.push_back("square");
      if (centered) names.push_back("mean");
      break;
    case UpdateKind::kAdam:
      names = {"mean", "square"};
      if (amsgrad) names.push_back("largest");
      return names;
  }
  if (momentum != 0) names.push_back("velocity");
  return names;
}

bool UpdateParameter(const ParameterUpdate& update, const float* gradient, float* parameter, float* const* states,
                     int64_t count) {
  return HWY_DYNAMIC_DISPATCH(UpdateRange)(update, gradient, parameter, states, count);
}

double SumOfSquares(const float* values, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(SumSquares)(values, count);
}

}  // namespace convscope

#endif  // HWY_ONCE
