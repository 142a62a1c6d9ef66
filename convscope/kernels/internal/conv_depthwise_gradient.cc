#include "convscope/kernels/internal/conv_depthwise_gradient.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/internal/conv_depthwise_gradient.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "convscope/kernels/internal/conv_filters-inl.h"
#include "convscope/kernels/internal/conv_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// Vectors of channels at a time: as many sums as hide the time that one waits for its last multiply-add.
constexpr int kVectors = 4;

// N whole vectors, or one with fewer channels.
template <int N, bool kWhole>
HWY_INLINE void AddInputGradient(const DepthwiseRows& work, int64_t first, int64_t channels) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto load = [&](const float* from) { return kWhole ? hn::LoadU(d, from) : LoadFilters(from, channels); };
  V weights[N];
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) weights[n] = load(work.weights + first + n * lanes);
  for (int64_t r = 0; r < work.rows; ++r) {
    const float* HWY_RESTRICT from = work.inputs[r] + work.input_offset + first;
    float* HWY_RESTRICT to = work.outputs[r] + work.output_offset + first;
    for (int64_t p = 0; p < work.pixels; ++p, from += work.channels, to += work.output_step) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) {
        const V sum = hn::MulAdd(load(from + n * lanes), weights[n], load(to + n * lanes));
        StoreFilters(sum, kWhole ? lanes : channels, false, to + n * lanes);
      }
    }
  }
}

void AddInputGradients(const DepthwiseRows& work) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t c = 0;
  for (; c + kVectors * lanes <= work.channels; c += kVectors * lanes) AddInputGradient<kVectors, true>(work, c, 0);
  for (; c + lanes <= work.channels; c += lanes) AddInputGradient<1, true>(work, c, 0);
  if (c < work.channels) AddInputGradient<1, false>(work, c, work.channels - c);
}

template <int N, bool kWhole>
HWY_INLINE void KernelGradient(const GradientTile& work, int64_t first, int64_t channels) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto load = [&](const float* from) { return kWhole ? hn::LoadU(d, from) : LoadFilters(from, channels); };
  V sum[N];
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) sum[n] = hn::Zero(d);
  for (int64_t r = 0; r < work.rows; ++r) {
    const float* HWY_RESTRICT x = work.x[r] + work.x_offset + first;
    const float* HWY_RESTRICT dy = work.dy[r] + work.dy_offset + first;
    for (int64_t p = 0; p < work.pixels; ++p, x += work.x_step, dy += work.dy_step) {
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) sum[n] = hn::MulAdd(load(x + n * lanes), load(dy + n * lanes), sum[n]);
    }
  }
  float* to = work.result + first;
#pragma GCC unroll 4
  for (int n = 0; n < N; ++n) {
    if (work.add) sum[n] = hn::Add(load(to + n * lanes), sum[n]);
    StoreFilters(sum[n], kWhole ? lanes : channels, false, to + n * lanes);
  }
}

void KernelGradients(const GradientTile& work) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t c = 0;
  for (; c + kVectors * lanes <= work.filters; c += kVectors * lanes) KernelGradient<kVectors, true>(work, c, 0);
  for (; c + lanes <= work.filters; c += lanes) KernelGradient<1, true>(work, c, 0);
  if (c < work.filters) KernelGradient<1, false>(work, c, work.filters - c);
}

DepthwiseKernels TargetDepthwiseKernels() {
  return {AddInputGradients, KernelGradients};
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::internal {

HWY_EXPORT(TargetDepthwiseKernels);

DepthwiseKernels BestDepthwiseKernels() {
  return HWY_DYNAMIC_DISPATCH(TargetDepthwiseKernels)();
}

}  // namespace convscope::internal
#endif  // HWY_ONCE
