// A matrix turned over, four by four in registers. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_TRANSPOSE_H_
#define CONVSCOPE_KERNELS_INTERNAL_TRANSPOSE_H_

#include <cstdint>

namespace convscope::internal {

// to[c * to_stride + r] = from[r * from_stride + c] for r in [0, rows) and c in [0, columns).
void Transpose(const float* from, int64_t rows, int64_t columns, int64_t from_stride, float* to, int64_t to_stride);

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_TRANSPOSE_H_
