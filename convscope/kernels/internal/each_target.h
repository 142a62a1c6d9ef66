// Tests run a kernel on every instruction set that was compiled and that this machine has. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_
#define CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_

#include <hwy/targets.h>

#include <cstdint>

namespace convscope {

// Calls body(name) once for each target, which dispatch then takes: "AVX2", "SSE4", ...
template <typename Body>
void ForEachTarget(const Body& body) {
  struct Restore {
    ~Restore() { hwy::SetSupportedTargetsForTest(0); }
  } restore;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    body(hwy::TargetName(target));
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_EACH_TARGET_H_
