// What a pooling decides once for all its rows. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_
#define CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_

#include <algorithm>
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
  const bool pads = spec.count_include_pad || spec.pad_mode != PadMode::kZero;
  const int64_t begin = pads ? -columns.pad_before : 0, end = pads ? columns.in + columns.pad_after : columns.in;
  std::vector<int64_t> counts;
  for (int64_t o = 0; o < columns.out(); ++o) {
    // How many of its columns lie before a place.
    const auto before = [&](int64_t place) {
      const int64_t distance = place - (o * columns.stride - columns.pad_before);
      return distance <= 0 ? 0 : std::min(columns.size, (distance - 1) / columns.dilation + 1);
    };
    counts.push_back(before(end) - before(begin));
  }
  return counts;
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_POOL_PLAN_H_
