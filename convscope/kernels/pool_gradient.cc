#include "convscope/kernels/pool_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/pool_gradient.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include "convscope/kernels/pool_gradient-inl.h"

#if HWY_ONCE

#include <algorithm>
#include <vector>

#include "convscope/base/parallel.h"

namespace convscope {

HWY_EXPORT(PoolGradientRows);

namespace {

bool AreDisjoint(const PoolSpec& spec) {
  return std::all_of(spec.axes.begin(), spec.axes.end(), [&](const WindowAxis& axis) {
    const bool padded = axis.pad_before > 0 || axis.pad_after > 0;
    return axis.stride >= axis.extent() && (spec.pad_mode == PadMode::kZero || !padded);
  });
}

// For each element of an axis whose windows do not overlap, whether one sees it.
std::vector<char> SeenElements(const WindowAxis& axis) {
  std::vector<char> seen(static_cast<size_t>(axis.in), 0);
  for (int64_t o = 0; o < axis.out(); ++o) {
    for (int64_t k = 0; k < axis.size; ++k) {
      const int64_t i = o * axis.stride + k * axis.dilation - axis.pad_before;
      if (i >= 0 && i < axis.in) seen[static_cast<size_t>(i)] = 1;
    }
  }
  return seen;
}

PoolGradientPlan MakePlan(const PoolSpec& spec) {
  const WindowAxis& columns = spec.axes[2];
  PoolGradientPlan plan{.spec = spec,
                        .out_depth = spec.axes[0].out(),
                        .out_rows = spec.axes[1].out(),
                        .out_columns = columns.out(),
                        .counted_columns = CountedColumns(spec),
                        .disjoint = AreDisjoint(spec),
                        .seen = {}};
  const int64_t room = columns.in + columns.pad_before - columns.extent();
  plan.inside_begin = std::min((columns.pad_before + columns.stride - 1) / columns.stride, plan.out_columns);
  plan.inside_end = room < 0 ? 0 : std::min(room / columns.stride + 1, plan.out_columns);
  plan.inside_end = std::max(plan.inside_begin, plan.inside_end);
  for (size_t i = 0; plan.disjoint && i < 3; ++i) plan.seen[i] = SeenElements(spec.axes[i]);
  return plan;
}

}  // namespace

void PoolGradient(const PoolSpec& spec, const float* input, const float* output_gradient, float* input_gradient,
                  const Epilogue& epilogue) {
  spec.Check();
  const PoolGradientPlan plan = MakePlan(spec);
  // A range is worth a thread from some ten microseconds of work on.
  const int64_t unit_work = spec.axes[0].size * spec.axes[1].size * spec.axes[2].in * spec.channels;
  ParallelRanges(plan.Units(), std::max<int64_t>(1, (int64_t{1} << 15) / unit_work), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(PoolGradientRows)
    (plan, input, output_gradient, input_gradient, epilogue, begin, end);
  });
}

}  // namespace convscope

#endif  // HWY_ONCE
