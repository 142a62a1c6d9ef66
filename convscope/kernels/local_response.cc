#include "convscope/kernels/local_response.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/local_response.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
constexpr F32 kFloats;

// One row at a time, in buffers of whole vectors; what lies past the channels is 0 and stays without effect.
class Row {
 public:
  Row(const LocalResponse& spec, int64_t channels)
      : spec_(spec),
        channels_(channels),
        padded_((channels + Lanes() - 1) / Lanes() * Lanes()),
        before_(std::min(spec.before(), channels)),
        after_(std::min(spec.after(), channels)),
        terms_(padded_ + before_ + after_),
        divisor_(padded_, 1.0f),
        power_(padded_) {}

  // divisor() and power() of this row.
  void Set(const float* x) {
    float* squares = Terms(before_);
    for (int64_t c = 0; c < channels_; ++c) squares[c] = x[c] * x[c];
    const auto scale = hn::Set(kFloats, static_cast<float>(spec_.alpha / static_cast<double>(spec_.size)));
    const auto bias = hn::Set(kFloats, static_cast<float>(spec_.bias));
    for (int64_t c = 0; c < padded_; c += Lanes()) {
      hn::StoreU(hn::MulAdd(WindowSum(c), scale, bias), kFloats, divisor_.data() + c);
    }
    if (spec_.beta == 0.75) {
      for (int64_t c = 0; c < padded_; c += Lanes()) {
        const auto root = hn::Sqrt(hn::LoadU(kFloats, divisor_.data() + c));
        hn::StoreU(hn::Div(hn::Set(kFloats, 1.0f), hn::Mul(root, hn::Sqrt(root))), kFloats, power_.data() + c);
      }
    } else {
      const auto exponent = static_cast<float>(-spec_.beta);
      for (int64_t c = 0; c < channels_; ++c) power_[c] = std::pow(divisor_[c], exponent);
    }
  }

  void Normalize(const float* HWY_RESTRICT x, float* HWY_RESTRICT y) {
    Set(x);
    const float* power = power_.data();
    for (int64_t c = 0; c < channels_; ++c) y[c] = x[c] * power[c];
  }

  void Gradient(const float* HWY_RESTRICT g, const float* HWY_RESTRICT x, float* HWY_RESTRICT dx) {
    Set(x);
    // The window of the sum is the other way round: channel c is in the windows from c - after to c + before.
    float* terms = Terms(after_);
    const float *power = power_.data(), *divisor = divisor_.data();
    for (int64_t c = 0; c < channels_; ++c) terms[c] = g[c] * x[c] * (power[c] / divisor[c]);
    sums_.resize(padded_);
    for (int64_t c = 0; c < padded_; c += Lanes()) hn::StoreU(WindowSum(c), kFloats, sums_.data() + c);
    const float* sums = sums_.data();
    const auto factor = static_cast<float>(2 * spec_.alpha * spec_.beta / static_cast<double>(spec_.size));
    for (int64_t c = 0; c < channels_; ++c) dx[c] = g[c] * power[c] - factor * x[c] * sums[c];
  }

 private:
  static int64_t Lanes() { return static_cast<int64_t>(hn::Lanes(kFloats)); }

  // Where the terms of a row belong whose windows begin `before` channels earlier; zeros on both sides.
  float* Terms(int64_t before) {
    std::fill(terms_.begin(), terms_.begin() + before, 0.0f);
    std::fill(terms_.begin() + before + channels_, terms_.end(), 0.0f);
    return terms_.data() + before;
  }

  // Sums of the terms of a window from place c on, one a lane, in the order of the channels.
  hn::Vec<F32> WindowSum(int64_t c) const {
    auto sum = hn::LoadU(kFloats, terms_.data() + c);
    for (int64_t k = 1; k <= before_ + after_; ++k) sum = hn::Add(sum, hn::LoadU(kFloats, terms_.data() + c + k));
    return sum;
  }

  const LocalResponse& spec_;
  int64_t channels_;
  int64_t padded_;          // channels up to a whole vector
  int64_t before_, after_;  // of a window, no further than there are channels
  std::vector<float> terms_, divisor_, power_, sums_;
};

template <typename Body>
void ForRows(const LocalResponse& spec, int64_t rows, int64_t channels, const Body& body) {
  constexpr int64_t kGrain = int64_t{1} << 14;  // values: some microseconds of work
  ParallelRanges(rows, kGrain / (channels + 1) + 1, [&](int64_t begin, int64_t end) {
    Row row(spec, channels);
    for (int64_t i = begin; i < end; ++i) body(row, i * channels);
  });
}

void NormalizeAll(const LocalResponse& spec, const float* x, int64_t rows, int64_t channels, float* y) {
  ForRows(spec, rows, channels, [&](Row& row, int64_t first) { row.Normalize(x + first, y + first); });
}

void GradientOfAll(const LocalResponse& spec, const float* g, const float* x, int64_t rows, int64_t channels,
                   float* dx) {
  ForRows(spec, rows, channels, [&](Row& row, int64_t first) { row.Gradient(g + first, x + first, dx + first); });
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(NormalizeAll);
HWY_EXPORT(GradientOfAll);

void NormalizeLocalResponse(const LocalResponse& spec, const float* x, int64_t rows, int64_t channels, float* y) {
  HWY_DYNAMIC_DISPATCH(NormalizeAll)(spec, x, rows, channels, y);
}

void LocalResponseGradient(const LocalResponse& spec, const float* g, const float* x, int64_t rows, int64_t channels,
                           float* dx) {
  HWY_DYNAMIC_DISPATCH(GradientOfAll)(spec, g, x, rows, channels, dx);
}

}  // namespace convscope

#endif  // HWY_ONCE
