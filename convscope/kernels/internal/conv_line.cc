#include "convscope/kernels/internal/conv_line.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_line.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "convscope/kernels/internal/conv_sums-inl.h"
#include "convscope/kernels/internal/limits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

HWY_INLINE int64_t NumLanes() {
  return static_cast<int64_t>(hn::Lanes(D()));
}

// Vectors that one pass over the taps of a line computes: enough to hide the latency of the multiply-add.
constexpr int kLineVectors = 8;
// Vectors of each row of a block, so that its sums take 16 of 32 registers, or 12 of 16.
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3) || HWY_ARCH_ARM_A64  // a better target has a lower number
constexpr int kBlockVectors = 4;
#else
constexpr int kBlockVectors = 3;
#endif

// The weights of N neighbouring vectors, one for all or one a channel; position i is where the first vector begins, a
// multiple of the vector length where each channel has its own.
template <int N, bool kPerChannel>
struct Weights {
  HWY_INLINE Weights(const Line& line, int64_t i) : step(kPerChannel ? line.period : 1) {
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) phase[n] = kPerChannel ? (i + n * NumLanes()) % line.period : 0;
  }
  // The weight of vector n in `values`, which are those of one tap.
  HWY_INLINE V Of(const float* values, int n) const {
    const D d;
    if constexpr (kPerChannel) return hn::LoadU(d, values + phase[n]);
    return hn::Set(d, values[0]);
  }
  int64_t step;  // floats from a tap's weights to the next
  int64_t phase[N];
};

// N vectors of a line from position i on.
template <int N, bool kPerChannel, Terms kTerms>
HWY_NOINLINE void LineVectors(const Line& line, int64_t i) {
  const D d;
  const int64_t lanes = NumLanes();
  const Weights<N, kPerChannel> weights(line, i);
  Sums<1, N, kTerms> sums;
  V(&sum)[N] = sums.sum[0];
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) sum[n] = weights.Of(line.bias, n);
  const float* HWY_RESTRICT values = line.weights;
  for (int64_t t = 0; t < line.num_terms;) {
    const int64_t terms = sums.Next(line.num_terms - t);
    for (const int64_t end = t + terms; t < end; ++t, values += weights.step) {
      const float* HWY_RESTRICT x = line.terms[t] + i;
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) sum[n] = hn::MulAdd(hn::LoadU(d, x + n * lanes), weights.Of(values, n), sum[n]);
    }
    sums.Added(terms);
  }
  sums.Finish();
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) hn::StoreU(sum[n], d, line.output + i + n * lanes);
}

// Positions [begin, end) one by one.
void LineScalars(const Line& line, int64_t begin, int64_t end) {
  const int64_t step = line.period > 0 ? line.period : 1;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t phase = i % step;
    double sum = line.bias[phase];
    const float* values = line.weights + phase;
    for (int64_t t = 0; t < line.num_terms; ++t, values += step) sum += double{*values} * double{line.terms[t][i]};
    line.output[i] = line.limits(static_cast<float>(sum));
  }
}

template <bool kPerChannel, Terms kTerms>
void WholeVectors(const Line& line, int64_t end) {
  const int64_t lanes = NumLanes();
  int64_t i = 0;
  for (; i + kLineVectors * lanes <= end; i += kLineVectors * lanes)
    LineVectors<kLineVectors, kPerChannel, kTerms>(line, i);
  if (i + 4 * lanes <= end) {
    LineVectors<4, kPerChannel, kTerms>(line, i);
    i += 4 * lanes;
  }
  if (i + 2 * lanes <= end) {
    LineVectors<2, kPerChannel, kTerms>(line, i);
    i += 2 * lanes;
  }
  if (i < end) LineVectors<1, kPerChannel, kTerms>(line, i);
}

template <Terms kTerms>
void RunLineOf(const Line& line) {
  const int64_t lanes = NumLanes();
  const int64_t whole = line.count / lanes * lanes;
  if (line.period > 0) {
    WholeVectors<true, kTerms>(line, whole);
    LineScalars(line, whole, line.count);
  } else if (whole > 0) {
    WholeVectors<false, kTerms>(line, whole);
    // One more vector, which ends where the line does and computes some values twice: cheaper than a scalar rest.
    if (whole < line.count) LineVectors<1, false, kTerms>(line, line.count - lanes);
  } else {
    LineScalars(line, 0, line.count);
  }
}

// A line of kNineTerms terms with weights a channel, which is the depthwise 3x3 of networks for small machines. What
// limits that is loads, two a product: so the weights of a vector of channels stay in registers for all pixels.
void RunNineTerms(const Line& line) {
  const D d;
  const int64_t lanes = NumLanes(), whole = line.count / lanes * lanes;
  const float* HWY_RESTRICT x[kNineTerms];
  for (int t = 0; t < kNineTerms; ++t) x[t] = line.terms[t];
  for (int64_t phase = 0; phase < std::min(line.period, whole); phase += lanes) {
    V weight[kNineTerms];
#pragma GCC unroll 16
    for (int t = 0; t < kNineTerms; ++t) weight[t] = hn::LoadU(d, line.weights + t * line.period + phase);
    const V bias = hn::LoadU(d, line.bias + phase);
    for (int64_t i = phase; i < whole; i += line.period) {
      V sum = bias;
#pragma GCC unroll 16
      for (int t = 0; t < kNineTerms; ++t) sum = hn::MulAdd(hn::LoadU(d, x[t] + i), weight[t], sum);
      hn::StoreU(Within(line.limits, sum), d, line.output + i);
    }
  }
  LineScalars(line, whole, line.count);
}

void RunLine(const Line& line) {
  if (line.period > 0 && line.num_terms == kNineTerms) return RunNineTerms(line);
  ForTerms(line.num_terms, [&](auto terms) { RunLineOf<terms>(line); });
  HoldLine(line.limits, line.output, line.count);
}

// Adds what output rows First..Last see of one input row at one tap. `values` are the weights that output row First
// sees it with; the next output row sees it one kernel row (`kernel_row` floats) earlier.
template <int First, int Last, int N, bool kPerChannel>
HWY_INLINE void AddTap(const float* HWY_RESTRICT x, const float* HWY_RESTRICT values, int64_t kernel_row,
                       const Weights<N, kPerChannel>& weights, V (&sum)[kBlockRows][N]) {
  const D d;
  V value[N];
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) value[n] = hn::LoadU(d, x + n * NumLanes());
#pragma GCC unroll 4
  for (int o = First; o <= Last; ++o) {
    const float* HWY_RESTRICT mine = values - (o - First) * kernel_row;
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sum[o][n] = hn::MulAdd(value[n], weights.Of(mine, n), sum[o][n]);
  }
}

// Input row I, I < kBlockRows - 1, serves only output rows 0..I, and the one as far below the last that all see only
// those after I. Both are added in one loop, so that there are always enough independent sums to hide the latency of
// the multiply-add.
template <int I, int N, bool kPerChannel, Terms kTerms>
HWY_INLINE void AddBorderRows(const LineBlock& block, int64_t i, const Weights<N, kPerChannel>& weights,
                              Sums<kBlockRows, N, kTerms>& sums) {
  const Line& line = block.line;
  const int64_t row_terms = block.row_terms, kernel_row = row_terms * weights.step;
  const float* const* top = line.terms + I * row_terms;
  const float* const* bottom = line.terms + line.num_terms + I * row_terms;
  const float* HWY_RESTRICT top_values = line.weights + I * kernel_row;
  const float* HWY_RESTRICT bottom_values = line.weights + line.num_terms * weights.step - kernel_row;
  for (int64_t t = 0; t < row_terms;) {
    const int64_t terms = sums.Next(row_terms - t);
    for (const int64_t end = t + terms; t < end; ++t) {
      const int64_t value = t * weights.step;
      AddTap<0, I>(top[t] + i, top_values + value, kernel_row, weights, sums.sum);
      AddTap<I + 1, kBlockRows - 1>(bottom[t] + i, bottom_values + value, kernel_row, weights, sums.sum);
    }
    sums.Added(terms);
  }
}

// N vectors of each row of a block from position i on.
template <int N, bool kPerChannel, Terms kTerms>
HWY_NOINLINE void BlockVectors(const LineBlock& block, int64_t i) {
  const D d;
  const Line& line = block.line;
  const int64_t lanes = NumLanes();
  const Weights<N, kPerChannel> weights(line, i);
  Sums<kBlockRows, N, kTerms> sums;
#pragma GCC unroll 4
  for (int o = 0; o < kBlockRows; ++o) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sums.sum[o][n] = weights.Of(line.bias, n);
  }
  static_assert(kBlockRows == 4);
  AddBorderRows<0>(block, i, weights, sums);
  AddBorderRows<1>(block, i, weights, sums);
  AddBorderRows<2>(block, i, weights, sums);
  const int64_t kernel_row = block.row_terms * weights.step;
  int64_t t = (kBlockRows - 1) * block.row_terms;
  const float* HWY_RESTRICT values = line.weights + t * weights.step;
  while (t < line.num_terms) {
    const int64_t terms = sums.Next(line.num_terms - t);
    for (const int64_t end = t + terms; t < end; ++t, values += weights.step) {
      AddTap<0, kBlockRows - 1>(line.terms[t] + i, values, kernel_row, weights, sums.sum);
    }
    sums.Added(terms);
  }
  sums.Finish();
#pragma GCC unroll 4
  for (int o = 0; o < kBlockRows; ++o) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) hn::StoreU(sums.sum[o][n], d, block.outputs[o] + i + n * lanes);
  }
}

// Positions [0, end), end a multiple of N vectors or at least that much: the last pass starts earlier where it has to
// and computes some values twice.
template <int N, bool kPerChannel, Terms kTerms>
void WholeBlock(const LineBlock& block, int64_t end) {
  const int64_t wide = N * NumLanes();
  int64_t i = 0;
  for (; i + wide <= end; i += wide) BlockVectors<N, kPerChannel, kTerms>(block, i);
  if (i < end) BlockVectors<N, kPerChannel, kTerms>(block, end - wide);
}

template <bool kPerChannel, Terms kTerms>
void RunLineBlockOf(const LineBlock& block) {
  const int64_t lanes = NumLanes();
  const int64_t count = block.line.count;
  // Where each channel has its own weights, vectors begin at multiples of their length, and the rest is scalar.
  const int64_t end = kPerChannel || count < lanes ? count / lanes * lanes : count;
  if (end >= kBlockVectors * lanes) {
    WholeBlock<kBlockVectors, kPerChannel, kTerms>(block, end);
  } else if (end > 0) {
    WholeBlock<1, kPerChannel, kTerms>(block, end);
  }
  for (int o = 0; end < count && o < kBlockRows; ++o) {
    Line line = block.line;
    line.terms += o * block.row_terms;
    line.output = block.outputs[o];
    LineScalars(line, end, count);
  }
}

void RunLineBlock(const LineBlock& block) {
  ForTerms(block.line.num_terms, [&](auto terms) {
    block.line.period > 0 ? RunLineBlockOf<true, terms>(block) : RunLineBlockOf<false, terms>(block);
  });
  for (int o = 0; o < kBlockRows; ++o) HoldLine(block.line.limits, block.outputs[o], block.line.count);
}

LineKernel TargetLineKernel() {
  return {RunLine, RunLineBlock, NumLanes()};
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetLineKernel);

LineKernel BestLineKernel() {
  return HWY_DYNAMIC_DISPATCH(TargetLineKernel)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
