// The mask of dropout, float32: the fast twin of reference/dropout_mask.h.
#ifndef CONVSCOPE_KERNELS_DROPOUT_MASK_H_
#define CONVSCOPE_KERNELS_DROPOUT_MASK_H_

#include <cstdint>

#include "convscope/base/random.h"

namespace convscope {

// The same bits as the reference. Runs in the calling thread.
void FillDropoutMask(const Random& stream, uint32_t dropped, float kept, float* mask, int64_t count);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_DROPOUT_MASK_H_
