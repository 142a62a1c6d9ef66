#include "convscope/kernels/pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/pool.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include "convscope/kernels/pool-inl.h"

#if HWY_ONCE

#include <algorithm>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {

HWY_EXPORT(PoolRows);

namespace {

void CheckAxis(const WindowAxis& axis, PadMode mode) {
  Check(axis, mode);
  const int64_t widest = std::max(axis.pad_before, axis.pad_after);
  if (mode == PadMode::kZero && widest >= axis.extent()) {
    throw Error({.rule = Concat("the padding of a pool must be smaller than its window, ", axis.extent(),
                                " long with its dilation"),
                 .received = std::to_string(widest),
                 .fix = "use less padding, or the mode edge, reflect or wrap"});
  }
}

PoolPlan MakePlan(const PoolSpec& spec) {
  const WindowAxis& columns = spec.axes[2];
  PoolPlan plan{.spec = spec,
                .out_depth = spec.axes[0].out(),
                .out_rows = spec.axes[1].out(),
                .out_columns = columns.out(),
                .counted_columns = CountedColumns(spec)};
  // 16 KiB of a line fit beside the rows they come from; four windows at least, since neighbouring blocks both make
  // the pixels that their windows share.
  const int64_t pixels = std::max<int64_t>(4096 / spec.channels, 4 * columns.extent());
  plan.block = std::clamp<int64_t>(pixels / columns.stride, 1, plan.out_columns);
  return plan;
}

}  // namespace

Shape PoolSpec::InputShape() const {
  return SpatialShape({batch}, {axes[0].in, axes[1].in, axes[2].in}, rank, {channels});
}

Shape PoolSpec::OutputShape() const {
  return SpatialShape({batch}, {axes[0].out(), axes[1].out(), axes[2].out()}, rank, {channels});
}

void PoolSpec::Check() const {
  if (rank < 1 || rank > 3) {
    throw Error({.rule = "pooling runs over 1 to 3 axes", .received = std::to_string(rank)});
  }
  if (batch < 1 || channels < 1) {
    throw Error({.rule = "batch and channels must be at least 1",
                 .received = Concat("batch ", batch, ", channels ", channels)});
  }
  for (int i = 0; i < 3; ++i) {
    if (i < 3 - rank && axes[i] != WindowAxis{}) {
      throw Error({.rule = Concat("pooling of rank ", rank, " has no ", kSpatialAxes[i], " axis"),
                   .received = Concat("one of length ", axes[i].in)});
    }
    try {
      CheckAxis(axes[i], pad_mode);
    } catch (const Error& error) {
      throw error.At(kSpatialAxes[i]);
    }
  }
  InputShape();  // both throw when there are too many elements
  OutputShape();
}

void Pool(const PoolSpec& spec, const float* input, float* output) {
  spec.Check();
  const PoolPlan plan = MakePlan(spec);
  const int64_t rows = spec.batch * plan.out_depth * plan.out_rows;
  // A range is worth a thread from some ten microseconds of work on.
  const int64_t row_work = spec.axes[0].size * spec.axes[1].size * spec.axes[2].in * spec.channels;
  ParallelRanges(rows, std::max<int64_t>(1, (int64_t{1} << 16) / row_work), [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(PoolRows)(plan, input, output, begin, end);
  });
}

void PoolHere(const PoolSpec& spec, const float* input, float* output) {
  spec.Check();
  const PoolPlan plan = MakePlan(spec);
  HWY_DYNAMIC_DISPATCH(PoolRows)(plan, input, output, 0, spec.batch * plan.out_depth * plan.out_rows);
}

}  // namespace convscope

#endif  // HWY_ONCE
