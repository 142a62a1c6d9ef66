// What a gradient of pooling decides once for all its rows. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_POOL_GRADIENT_PLAN_H_
#define CONVSCOPE_KERNELS_INTERNAL_POOL_GRADIENT_PLAN_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "convscope/kernels/internal/pool_plan.h"

namespace convscope {

struct PoolGradientPlan {
  PoolSpec spec;
  int64_t out_depth = 1, out_rows = 1, out_columns = 1;
  std::vector<int64_t> counted_columns;
  // No element is seen by two windows, nor twice by one: what a window hands on is stored. Else it is added to zeroes.
  bool disjoint = false;
  // Output columns [inside_begin, inside_end) have windows that lie in the picture, from side to side.
  int64_t inside_begin = 0, inside_end = 0;
  // Disjoint: whether some window sees element i of the input's depth, rows and columns.
  std::array<std::vector<char>, 3> seen;

  // Work is split into units: unit (n, d, u), one an output row of each input plane, owns the input rows of plane
  // (n, d) from RowOf(u) on. Who owns a row alone writes it, whichever windows see it.
  int64_t Units() const { return spec.batch * spec.axes[0].in * out_rows; }
  int64_t RowOf(int64_t unit) const {  // flat, of the N * D * H input rows
    const WindowAxis& rows = spec.axes[1];
    const int64_t u = unit % out_rows;
    const int64_t row = u == 0 ? 0 : std::clamp<int64_t>(u * rows.stride - rows.pad_before, 0, rows.in);
    return unit / out_rows * rows.in + row;
  }
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_POOL_GRADIENT_PLAN_H_
