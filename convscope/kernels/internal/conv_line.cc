#include "convscope/kernels/internal/conv_line.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_line.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE int64_t NumLanes() {
  return static_cast<int64_t>(hn::Lanes(D()));
}

// Vectors that one pass over the taps computes: enough to hide the latency of the multiply-add.
constexpr int kWide = 8;
// Vectors of each row of a block, so that its sums take 16 of 32 registers, or 12 of 16.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
constexpr int kBlockVectors = 4;
#else
constexpr int kBlockVectors = 3;
#endif

// N vectors from position i on. kPerChannel: the weights differ by channel, and i is a multiple of the vector length.
template <int N, bool kPerChannel>
HWY_INLINE void Vectors(const Line& line, int64_t i, bool stream) {
  const D d;
  const int64_t lanes = NumLanes();
  int64_t phase[N];
  V sum[N];
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
    phase[n] = kPerChannel ? (i + n * lanes) % line.period : 0;
    sum[n] = kPerChannel ? hn::LoadU(d, line.bias + phase[n]) : hn::Set(d, line.bias[0]);
  }
  const float* HWY_RESTRICT weights = line.weights;
  for (int64_t r = 0; r < line.num_rows; ++r) {
    const float* HWY_RESTRICT row = line.rows[r] + i;
    for (int64_t t = 0; t < line.num_taps; ++t) {
      const float* HWY_RESTRICT x = row + line.offsets[t];
      if constexpr (kPerChannel) {
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) {
          sum[n] = hn::MulAdd(hn::LoadU(d, x + n * lanes), hn::LoadU(d, weights + phase[n]), sum[n]);
        }
        weights += line.period;
      } else {
        const V weight = hn::Set(d, *weights++);
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) sum[n] = hn::MulAdd(hn::LoadU(d, x + n * lanes), weight, sum[n]);
      }
    }
  }
#pragma GCC unroll 8
  for (int n = 0; n < N; ++n) {
    if (stream) {
      hn::Stream(sum[n], d, line.output + i + n * lanes);
    } else {
      hn::StoreU(sum[n], d, line.output + i + n * lanes);
    }
  }
}

template <int N, bool kPerChannel>
HWY_NOINLINE void VectorsOf(const Line& line, int64_t i, bool stream) {
  Vectors<N, kPerChannel>(line, i, stream);
}

// Positions [begin, end), end - begin a multiple of the vector length.
template <bool kPerChannel>
void WholeVectors(const Line& line, int64_t begin, int64_t end, bool stream) {
  const int64_t lanes = NumLanes();
  int64_t i = begin;
  for (; i + kWide * lanes <= end; i += kWide * lanes) VectorsOf<kWide, kPerChannel>(line, i, stream);
  if (i + 4 * lanes <= end) {
    VectorsOf<4, kPerChannel>(line, i, stream);
    i += 4 * lanes;
  }
  if (i + 2 * lanes <= end) {
    VectorsOf<2, kPerChannel>(line, i, stream);
    i += 2 * lanes;
  }
  if (i < end) VectorsOf<1, kPerChannel>(line, i, stream);
}

template <bool kPerChannel>
void Scalars(const Line& line, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    const int64_t phase = kPerChannel ? i % line.period : 0;
    const int64_t step = kPerChannel ? line.period : 1;
    float sum = line.bias[phase];
    const float* weights = line.weights + phase;
    for (int64_t r = 0; r < line.num_rows; ++r) {
      for (int64_t t = 0; t < line.num_taps; ++t, weights += step) sum += *weights * line.rows[r][line.offsets[t] + i];
    }
    line.output[i] = sum;
  }
}

void RunLine(const Line& line) {
  const int64_t lanes = NumLanes();
  const int64_t whole = line.count / lanes * lanes;
  if (line.period > 0) {
    WholeVectors<true>(line, 0, whole, false);
    Scalars<true>(line, whole, line.count);
    return;
  }
  if (whole == 0) {
    Scalars<false>(line, 0, line.count);
    return;
  }
  // The last vector ends at the end of the line and may compute some values twice: cheaper than a scalar rest.
  if (!line.stream) {
    WholeVectors<false>(line, 0, whole, false);
    if (whole < line.count) VectorsOf<1, false>(line, line.count - lanes, false);
    return;
  }
  const int64_t misaligned = static_cast<int64_t>(reinterpret_cast<uintptr_t>(line.output) / sizeof(float)) % lanes;
  const int64_t begin = misaligned == 0 ? 0 : lanes - misaligned;
  const int64_t end = begin + std::max<int64_t>(0, line.count - begin) / lanes * lanes;
  if (begin > 0) VectorsOf<1, false>(line, 0, false);
  WholeVectors<false>(line, begin, end, true);
  if (end < line.count) VectorsOf<1, false>(line, line.count - lanes, false);
  hwy::FlushStream();
}

// Adds what output rows First..Last see of one input row at tap t. `weights` is the kernel row that output row First
// sees it with; the next output row sees it one kernel row earlier.
template <int First, int Last, int N>
HWY_INLINE void AddTap(const float* HWY_RESTRICT x, const float* HWY_RESTRICT weights, int64_t taps, int64_t t,
                       V (&sum)[kBlockRows][N]) {
  const D d;
  V value[N];
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) value[n] = hn::LoadU(d, x + n * NumLanes());
#pragma GCC unroll 4
  for (int o = First; o <= Last; ++o) {
    const V weight = hn::Set(d, weights[t - (o - First) * taps]);
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sum[o][n] = hn::MulAdd(value[n], weight, sum[o][n]);
  }
}

// Input row I, I < kBlockRows - 1, serves only output rows 0..I, and input row num_rows + I only those after I. Both
// are added in one loop, so that there are always enough independent sums to hide the latency of the multiply-add.
template <int I, int N>
HWY_INLINE void AddBorderRows(const LineBlock& block, int64_t i, V (&sum)[kBlockRows][N]) {
  const int64_t taps = block.num_taps;
  const float* HWY_RESTRICT top = block.rows[I] + i;
  const float* HWY_RESTRICT bottom = block.rows[block.num_rows + I] + i;
  const float* HWY_RESTRICT top_weights = block.weights + I * taps;
  const float* HWY_RESTRICT bottom_weights = block.weights + (block.num_rows - 1) * taps;
  for (int64_t t = 0; t < taps; ++t) {
    const int64_t offset = block.offsets[t];
    AddTap<0, I, N>(top + offset, top_weights, taps, t, sum);
    AddTap<I + 1, kBlockRows - 1, N>(bottom + offset, bottom_weights, taps, t, sum);
  }
}

// N vectors at position i of each of the block's rows, stored at to[o] + i - shift.
template <int N>
HWY_NOINLINE void BlockVectors(const LineBlock& block, int64_t i, float* const* to, int64_t shift) {
  const D d;
  const int64_t lanes = NumLanes();
  V sum[kBlockRows][N];
#pragma GCC unroll 8
  for (int o = 0; o < kBlockRows; ++o) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) sum[o][n] = hn::Set(d, block.bias);
  }
  static_assert(kBlockRows == 4);
  AddBorderRows<0>(block, i, sum);
  AddBorderRows<1>(block, i, sum);
  AddBorderRows<2>(block, i, sum);
  const int64_t taps = block.num_taps;
  for (int64_t r = kBlockRows - 1; r < block.num_rows; ++r) {
    const float* HWY_RESTRICT row = block.rows[r] + i;
    for (int64_t t = 0; t < taps; ++t) {
      AddTap<0, kBlockRows - 1, N>(row + block.offsets[t], block.weights + r * taps, taps, t, sum);
    }
  }
#pragma GCC unroll 8
  for (int o = 0; o < kBlockRows; ++o) {
#pragma GCC unroll 4
    for (int n = 0; n < N; ++n) hn::StoreU(sum[o][n], d, to[o] + i - shift + n * lanes);
  }
}

// Positions [begin, end) of all output rows of a block, stored at to[o] + position - begin.
void BlockPositions(const LineBlock& block, int64_t begin, int64_t end, float* const* to) {
  const int64_t lanes = NumLanes();
  const int64_t wide = kBlockVectors * lanes;
  const int64_t count = end - begin;
  int64_t i = begin;
  // What is left over at the end is computed by a last pass that starts earlier and computes some values twice.
  if (count >= wide) {
    for (; i + wide <= end; i += wide) BlockVectors<kBlockVectors>(block, i, to, begin);
    if (i < end) BlockVectors<kBlockVectors>(block, end - wide, to, begin);
  } else if (count >= lanes) {
    for (; i + lanes <= end; i += lanes) BlockVectors<1>(block, i, to, begin);
    if (i < end) BlockVectors<1>(block, end - lanes, to, begin);
  } else {
    for (int o = 0; o < kBlockRows; ++o) {
      const Line line{.rows = block.rows + o,
                      .num_rows = block.num_rows,
                      .offsets = block.offsets,
                      .num_taps = block.num_taps,
                      .weights = block.weights,
                      .bias = &block.bias,
                      .period = 0,
                      .output = to[o] - begin,
                      .count = end,
                      .stream = false};
      Scalars<false>(line, begin, end);
    }
  }
}

// Rows of a block start at different places in their cache lines, so a piece of each is computed into a buffer where it
// lies as it will in memory, and whole lines go from there past the cache. The rest of a line waits for the next piece.
void StreamBlock(const LineBlock& block) {
  constexpr int64_t kLine = 16;    // floats in a cache line
  constexpr int64_t kPiece = 512;  // x kBlockRows rows stay in the first-level cache
  const hn::CappedTag<float, kLine> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN float buffer[kBlockRows][kPiece + 2 * kLine];
  float* to[kBlockRows];
  float* line[kBlockRows];  // the cache line of the output that buffer[o] stands for
  int64_t
      waiting[kBlockRows];  // floats at the start of buffer[o] that are not stored yet, or belong to what lies before
  int64_t unowned[kBlockRows];  // of those, how many lie before the output row
  for (int o = 0; o < kBlockRows; ++o) {
    unowned[o] = static_cast<int64_t>(reinterpret_cast<uintptr_t>(block.outputs[o]) / sizeof(float)) % kLine;
    waiting[o] = unowned[o];
    line[o] = block.outputs[o] - unowned[o];
  }
  const int64_t pieces = (block.count + kPiece - 1) / kPiece;
  for (int64_t p = 0; p < pieces; ++p) {
    const int64_t begin = block.count * p / pieces, end = block.count * (p + 1) / pieces;
    for (int o = 0; o < kBlockRows; ++o) to[o] = buffer[o] + waiting[o];
    BlockPositions(block, begin, end, to);
    for (int o = 0; o < kBlockRows; ++o) {
      const int64_t filled = waiting[o] + end - begin;
      const int64_t whole = p + 1 == pieces ? filled : filled / kLine * kLine;
      int64_t i = 0;
      if (unowned[o] > 0 && whole > 0) {  // the row's first line is shared with what lies before it
        const int64_t shared = std::min(kLine, whole);
        std::copy(buffer[o] + unowned[o], buffer[o] + shared, line[o] + unowned[o]);
        unowned[o] = 0;
        i = shared;
      }
      for (; i + kLine <= whole; i += kLine) {
        for (int64_t l = 0; l < kLine; l += lanes) hn::Stream(hn::Load(d, buffer[o] + i + l), d, line[o] + i + l);
      }
      std::copy(buffer[o] + i, buffer[o] + whole, line[o] + i);
      std::copy(buffer[o] + whole, buffer[o] + filled, buffer[o]);
      line[o] += whole;
      waiting[o] = filled - whole;
    }
  }
  hwy::FlushStream();
}

void RunLineBlock(const LineBlock& block) {
  if (block.stream) {
    StreamBlock(block);
  } else {
    BlockPositions(block, 0, block.count, block.outputs);
  }
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
