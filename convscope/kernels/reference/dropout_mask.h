// The mask of dropout, readable: the truth that the fast one is tested against, and the float64 path.
#ifndef CONVSCOPE_KERNELS_REFERENCE_DROPOUT_MASK_H_
#define CONVSCOPE_KERNELS_REFERENCE_DROPOUT_MASK_H_

#include <cstdint>

#include "convscope/base/random.h"

namespace convscope::reference {

// Element i is 0 where the i-th 16 bits of `stream` (the lower half of each word first) are below `dropped`, else
// `kept`: 0 with probability dropped / 65536. mask (count,); `stream` is fresh, nothing drawn from it.
template <typename T>
void FillDropoutMask(Random stream, uint32_t dropped, T kept, T* mask, int64_t count) {
  for (int64_t i = 0; i < count; i += 2) {
    const uint32_t word = stream.Bits();
    mask[i] = (word & 0xFFFF) < dropped ? T{0} : kept;
    if (i + 1 < count) mask[i + 1] = (word >> 16) < dropped ? T{0} : kept;
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_DROPOUT_MASK_H_
