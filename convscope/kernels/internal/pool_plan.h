// What a pooling decides once for all its rows. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_
#define CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_

#include <cstdint>
#include <vector>

#include "convscope/kernels/pool.h"

namespace convscope {

struct PoolPlan {
  PoolSpec spec;
  int64_t out_depth = 1, out_rows = 1, out_columns = 1;
  // For each output column, how many of the window's columns the average counts.
  std::vector<int64_t> counted_columns;
  // Output columns that are made together, so that what lies between the two passes stays in the cache.
  int64_t block = 1;
};

// The input element at `position` of the padded axis, 0 at the first element of the input; -1 for a zero of the
// padding, kBeyond for what ceil_mode adds past the padding.
inline constexpr int64_t kBeyond = -2;
inline int64_t PoolSource(const WindowAxis& axis, PadMode mode, int64_t position) {
  return position < axis.in + axis.pad_after ? SourceIndex(position, axis.in, mode) : kBeyond;
}

// Whether the average counts what PoolSource returned.
inline bool IsCounted(const PoolSpec& spec, int64_t source) {
  return source >= 0 || (spec.count_include_pad && source != kBeyond);
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_
