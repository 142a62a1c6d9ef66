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

// For each output column, how many of the window's columns the average counts.
inline std::vector<int64_t> CountedColumns(const PoolSpec& spec) {
  const WindowAxis& columns = spec.axes[2];
  std::vector<int64_t> counts;
  for (int64_t o = 0; o < columns.out(); ++o) {
    int64_t counted = 0;
    for (int64_t k = 0; k < columns.size; ++k) {
      const int64_t position = o * columns.stride + k * columns.dilation - columns.pad_before;
      counted += IsCounted(spec, PoolSource(columns, spec.pad_mode, position)) ? 1 : 0;
    }
    counts.push_back(counted);
  }
  return counts;
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_
