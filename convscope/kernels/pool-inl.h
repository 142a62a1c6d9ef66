// The rows of a pooling in vectors, compiled once for each target. Not for users.
//
// A window is pooled in two passes: down, over its rows, which are contiguous whatever the number of channels, and then
// along the line that results. Both passes are the same loop, "combine these arrays element by element", so nothing
// here depends on the number of channels, and a one-channel picture of many megapixels runs at the speed of memory.
#include <hwy/highway.h>

#include "convscope/kernels/internal/pool_plan.h"
#include "convscope/kernels/pool.h"

#if defined(CONVSCOPE_KERNELS_POOL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_POOL_INL_H_
#undef CONVSCOPE_KERNELS_POOL_INL_H_
#else
#define CONVSCOPE_KERNELS_POOL_INL_H_
#endif

#include <algorithm>
#include <limits>
#include <vector>

#include "convscope/tensor/tensor.h"

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct MaxOf {
  static constexpr float kNothing = -std::numeric_limits<float>::infinity();
  // hn::Max would lose a NaN on some targets; this keeps one on all.
  template <class V>
  HWY_INLINE V operator()(V so_far, V v) const {
    return hn::IfThenElse(hn::Or(hn::Gt(v, so_far), hn::IsNaN(v)), v, so_far);
  }
};

struct SumOf {
  static constexpr float kNothing = 0;
  template <class V>
  HWY_INLINE V operator()(V so_far, V v) const {
    return hn::Add(so_far, v);
  }
};

// out[i] = sources[0][offset + i] op sources[1][offset + i] op ..., i in [0, count); kNothing without sources.
// A single lane computes the same bits as a vector, so neither the place of an element nor `count` shows.
template <class Op>
void Combine(const std::vector<const float*>& sources, int64_t offset, int64_t count, float* HWY_RESTRICT out) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  if (sources.empty()) {
    std::fill_n(out, count, Op::kNothing);
    return;
  }
  const Op op;
  const float* const* begin = sources.data() + 1;
  const float* const* end = sources.data() + sources.size();
  const float* first = sources[0] + offset;
  int64_t i = 0;
  // Four vectors at a time share the loop over the sources.
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    auto a = hn::LoadU(d, first + i);
    auto b = hn::LoadU(d, first + i + lanes);
    auto c = hn::LoadU(d, first + i + 2 * lanes);
    auto e = hn::LoadU(d, first + i + 3 * lanes);
    for (const float* const* source = begin; source != end; ++source) {
      const float* at = *source + offset + i;
      a = op(a, hn::LoadU(d, at));
      b = op(b, hn::LoadU(d, at + lanes));
      c = op(c, hn::LoadU(d, at + 2 * lanes));
      e = op(e, hn::LoadU(d, at + 3 * lanes));
    }
    hn::StoreU(a, d, out + i);
    hn::StoreU(b, d, out + i + lanes);
    hn::StoreU(c, d, out + i + 2 * lanes);
    hn::StoreU(e, d, out + i + 3 * lanes);
  }
  for (; i + lanes <= count; i += lanes) {
    auto a = hn::LoadU(d, first + i);
    for (const float* const* source = begin; source != end; ++source) a = op(a, hn::LoadU(d, *source + offset + i));
    hn::StoreU(a, d, out + i);
  }
  for (; i < count; ++i) {
    auto a = hn::LoadU(one, first + i);
    for (const float* const* source = begin; source != end; ++source) a = op(a, hn::LoadU(one, *source + offset + i));
    hn::StoreU(a, one, out + i);
  }
}

// values[i] /= divisor, i in [0, count)
inline void Divide(float* values, int64_t count, float divisor) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::Div(hn::LoadU(d, values + i), hn::Set(d, divisor)), d, values + i);
  }
  for (; i < count; ++i) values[i] /= divisor;
}

// Pools rows of the output, one after the other, with buffers of its own.
template <class Op>
class RowPooler {
 public:
  RowPooler(const PoolPlan& plan, const float* input)
      : plan_(plan),
        spec_(plan.spec),
        columns_(plan.spec.axes[2]),
        input_(input),
        line_(LineMemory(plan)),
        dense_(line_ + LineFloats(plan)) {
    for (int64_t k = 0; k < columns_.size; ++k) taps_.push_back(line_ + k * columns_.dilation * spec_.channels);
  }

  // Output row (n, od, oy), (OW, C).
  void Pool(int64_t n, int64_t od, int64_t oy, float* output) {
    const int64_t counted_rows = FindRows(n, od, oy);
    for (int64_t begin = 0; begin < plan_.out_columns; begin += plan_.block) {
      const int64_t end = std::min(begin + plan_.block, plan_.out_columns);
      CombineDown(begin, end);
      CombineAlong(end - begin, output + begin * spec_.channels);
    }
    if (spec_.kind == PoolKind::kAverage) DivideByCounts(counted_rows, output);
  }

 private:
  static int64_t LineFloats(const PoolPlan& plan) {
    const WindowAxis& columns = plan.spec.axes[2];
    return ((plan.block - 1) * columns.stride + columns.extent()) * plan.spec.channels;
  }

  // Room for line_ and dense_, kept by each thread: a pool that is called at every step of a training allocates in the
  // first one alone.
  static float* LineMemory(const PoolPlan& plan) {
    static thread_local Tensor memory(Shape{1});
    const int64_t floats = 2 * LineFloats(plan);
    if (memory.size() < floats) memory = Tensor(Shape{floats});
    return memory.data();
  }

  // Points rows_ at the input rows of the window, each (W, C); returns how many the average counts, padding included
  // where it does.
  int64_t FindRows(int64_t n, int64_t od, int64_t oy) {
    const auto& [depth, rows, columns] = spec_.axes;
    rows_.clear();
    int64_t counted_depth = 0, counted_rows = 0;
    for (int64_t kd = 0; kd < depth.size; ++kd) {
      const int64_t d = PoolSource(depth, spec_.pad_mode, od * depth.stride + kd * depth.dilation - depth.pad_before);
      counted_depth += IsCounted(spec_, d) ? 1 : 0;
      counted_rows = 0;
      for (int64_t ky = 0; ky < rows.size; ++ky) {
        const int64_t y = PoolSource(rows, spec_.pad_mode, oy * rows.stride + ky * rows.dilation - rows.pad_before);
        counted_rows += IsCounted(spec_, y) ? 1 : 0;
        if (d >= 0 && y >= 0) {
          rows_.push_back(input_ + ((n * depth.in + d) * rows.in + y) * columns.in * spec_.channels);
        }
      }
    }
    return counted_depth * counted_rows;
  }

  // Combines the rows into line_: all columns that output columns [begin, end) see, padding included.
  void CombineDown(int64_t begin, int64_t end) {
    const int64_t channels = spec_.channels;
    const int64_t first = begin * columns_.stride - columns_.pad_before;
    const int64_t last = (end - 1) * columns_.stride - columns_.pad_before + columns_.extent();
    const int64_t inside_begin = std::clamp<int64_t>(0, first, last);
    const int64_t inside_end = std::clamp<int64_t>(columns_.in, first, last);
    const auto pad = [&](int64_t from, int64_t to) {
      for (int64_t x = from; x < to; ++x) {
        float* pixel = line_ + (x - first) * channels;
        const int64_t source = PoolSource(columns_, spec_.pad_mode, x);
        if (source < 0) {
          std::fill_n(pixel, channels, Op::kNothing);
        } else {
          Combine<Op>(rows_, source * channels, channels, pixel);
        }
      }
    };
    pad(first, inside_begin);
    Combine<Op>(rows_, inside_begin * channels, (inside_end - inside_begin) * channels,
                line_ + (inside_begin - first) * channels);
    pad(inside_end, last);
  }

  // Combines line_ along itself into `count` pixels of the output.
  void CombineAlong(int64_t count, float* output) {
    const int64_t channels = spec_.channels, stride = columns_.stride;
    if (stride == 1) {
      Combine<Op>(taps_, 0, count * channels, output);
      return;
    }
    // Pixels of few channels fill no vector: making every column and picking every stride-th beats one by one, unless
    // nearly all would be thrown away.
    if (channels >= 8 || stride >= 8) {
      for (int64_t o = 0; o < count; ++o) Combine<Op>(taps_, o * stride * channels, channels, output + o * channels);
      return;
    }
    const float* dense = line_;
    if (columns_.size > 1) {
      Combine<Op>(taps_, 0, ((count - 1) * stride + 1) * channels, dense_);
      dense = dense_;
    }
    for (int64_t o = 0; o < count; ++o) {
      for (int64_t c = 0; c < channels; ++c) output[o * channels + c] = dense[o * stride * channels + c];
    }
  }

  // Sums to averages: runs of columns with the same count are divided together.
  void DivideByCounts(int64_t counted_rows, float* output) const {
    const std::vector<int64_t>& counts = plan_.counted_columns;
    for (size_t begin = 0; begin < counts.size();) {
      size_t end = begin + 1;
      while (end < counts.size() && counts[end] == counts[begin]) ++end;
      const int64_t first = static_cast<int64_t>(begin) * spec_.channels;
      Divide(output + first, static_cast<int64_t>(end - begin) * spec_.channels,
             static_cast<float>(counted_rows * counts[begin]));
      begin = end;
    }
  }

  const PoolPlan& plan_;
  const PoolSpec& spec_;
  const WindowAxis& columns_;
  const float* input_;
  std::vector<const float*> rows_;  // of the window, in the input
  std::vector<const float*> taps_;  // the window's columns, in line_
  float* line_;
  float* dense_;  // the pooled line before every stride-th column is picked
};

template <class Op>
void PoolRowsBy(const PoolPlan& plan, const float* input, float* output, int64_t begin, int64_t end) {
  RowPooler<Op> pooler(plan, input);
  const int64_t row_size = plan.out_columns * plan.spec.channels;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t plane = row / plan.out_rows;
    pooler.Pool(plane / plan.out_depth, plane % plan.out_depth, row % plan.out_rows, output + row * row_size);
  }
}

// Rows [begin, end) of the N * OD * OH output rows. input: plan.spec.InputShape(), output: plan.spec.OutputShape().
inline void PoolRows(const PoolPlan& plan, const float* input, float* output, int64_t begin, int64_t end) {
  if (plan.spec.kind == PoolKind::kMax) {
    PoolRowsBy<MaxOf>(plan, input, output, begin, end);
  } else {
    PoolRowsBy<SumOf>(plan, input, output, begin, end);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_POOL_INL_H_
