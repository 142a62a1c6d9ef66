// Tests run a kernel on every instruction set that was compiled and that this machine has. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_
#define CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>

namespace convscope {

// Calls body() once for each target, which dispatch then takes; a failure names it.
template <typename Body>
void ForEachTarget(const Body& body) {
  struct Restore {
    ~Restore() { hwy::SetSupportedTargetsForTest(0); }
  } restore;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_
