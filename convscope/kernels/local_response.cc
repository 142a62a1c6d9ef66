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

// Some rows at a time, step by step over all of them: a window is read across the vectors that were written just
// before, which stalls where that was too short a time ago. Each row has whole vectors; what lies past its channels is
// 0 and stays without effect.
class Block {
 public:
  Block(const LocalResponse& spec, int64_t channels)
      : spec_(spec),
        channels_(channels),
        padded_((channels + Lanes() - 1) / Lanes() * Lanes()),
        before_(std::min(spec.before(), channels)),
        after_(std::min(spec.after(), channels)),
        stride_(padded_ + before_ + after_),
        rows_(std::max<int64_t>(1, 1024 / padded_)),
        terms_(rows_ * stride_),
        sums_(rows_ * padded_),
        divisors_(rows_ * padded_),
        powers_(rows_ * padded_) {}

  int64_t rows() const { return rows_; }

  // Of up to rows() rows, (rows, C) each.
  void Normalize(const float* HWY_RESTRICT x, int64_t rows, float* HWY_RESTRICT y) {
    SetPowers(x, rows);
    for (int64_t r = 0; r < rows; ++r, x += channels_, y += channels_) {
      const float* HWY_RESTRICT power = powers_.data() + r * padded_;
      for (int64_t c = 0; c < channels_; ++c) y[c] = x[c] * power[c];
    }
  }

  void Gradient(const float* HWY_RESTRICT g, const float* HWY_RESTRICT x, int64_t rows, float* HWY_RESTRICT dx) {
    SetPowers(x, rows);
    // The windows of the sum are the other way round: channel c is in those of c - after to c + before.
    SetTerms(rows, after_, [&](int64_t r, float* HWY_RESTRICT terms) {
      const float *of_g = g + r * channels_, *of_x = x + r * channels_;
      const float *power = powers_.data() + r * padded_, *divisor = divisors_.data() + r * padded_;
      for (int64_t c = 0; c < channels_; ++c) terms[c] = of_g[c] * of_x[c] * (power[c] / divisor[c]);
    });
    SumWindows(rows);
    const auto factor = static_cast<float>(2 * spec_.alpha * spec_.beta / static_cast<double>(spec_.size));
    for (int64_t r = 0; r < rows; ++r, g += channels_, x += channels_, dx += channels_) {
      const float *power = powers_.data() + r * padded_, *sums = sums_.data() + r * padded_;
      for (int64_t c = 0; c < channels_; ++c) dx[c] = g[c] * power[c] - factor * x[c] * sums[c];
    }
  }

 private:
  static int64_t Lanes() { return static_cast<int64_t>(hn::Lanes(kFloats)); }

  // divisors_ and powers_ of the rows of x.
  void SetPowers(const float* HWY_RESTRICT x, int64_t rows) {
    SetTerms(rows, before_, [&](int64_t r, float* HWY_RESTRICT terms) {
      const float* of_x = x + r * channels_;
      for (int64_t c = 0; c < channels_; ++c) terms[c] = of_x[c] * of_x[c];
    });
    SumWindows(rows);
    const auto scale = hn::Set(kFloats, static_cast<float>(spec_.alpha / static_cast<double>(spec_.size)));
    const auto bias = hn::Set(kFloats, static_cast<float>(spec_.bias));
    const bool by_roots = spec_.beta == 0.75;
    for (int64_t i = 0; i < rows * padded_; i += Lanes()) {
      const auto divisor = hn::MulAdd(hn::LoadU(kFloats, sums_.data() + i), scale, bias);
      hn::StoreU(divisor, kFloats, divisors_.data() + i);
      if (!by_roots) continue;
      const auto root = hn::Sqrt(divisor);
      hn::StoreU(hn::Div(hn::Set(kFloats, 1.0f), hn::Mul(root, hn::Sqrt(root))), kFloats, powers_.data() + i);
    }
    if (by_roots) return;
    const auto exponent = static_cast<float>(-spec_.beta);
    for (int64_t i = 0; i < rows * padded_; ++i) powers_[i] = std::pow(divisors_[i], exponent);
  }

  // fill(row, terms) writes the terms of a row, whose windows begin `before` channels earlier; zeros on both sides.
  template <class Fill>
  void SetTerms(int64_t rows, int64_t before, const Fill& fill) {
    for (int64_t r = 0; r < rows; ++r) {
      float* terms = terms_.data() + r * stride_;
      std::fill(terms, terms + before, 0.0f);
      fill(r, terms + before);
      std::fill(terms + before + channels_, terms + stride_, 0.0f);
    }
  }

  // sums_: over the window of each channel, in the order of the channels.
  void SumWindows(int64_t rows) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < padded_; c += Lanes()) {
        const float* terms = terms_.data() + r * stride_ + c;
        auto sum = hn::LoadU(kFloats, terms);
        for (int64_t k = 1; k <= before_ + after_; ++k) sum = hn::Add(sum, hn::LoadU(kFloats, terms + k));
        hn::StoreU(sum, kFloats, sums_.data() + r * padded_ + c);
      }
    }
  }

  const LocalResponse& spec_;
  int64_t channels_;
  int64_t padded_;          // channels up to a whole vector
  int64_t before_, after_;  // of a window, no further than there are channels
  int64_t stride_;          // from row to row of terms_
  int64_t rows_;
  std::vector<float> terms_, sums_, divisors_, powers_;
};

// Calls body(block, first value, rows) for blocks of rows.
template <typename Body>
void ForBlocks(const LocalResponse& spec, int64_t rows, int64_t channels, const Body& body) {
  constexpr int64_t kGrain = int64_t{1} << 14;  // values: some microseconds of work
  ParallelRanges(rows, kGrain / (channels + 1) + 1, [&](int64_t begin, int64_t end) {
    Block block(spec, channels);
    for (int64_t i = begin; i < end; i += block.rows()) {
      body(block, i * channels, std::min(block.rows(), end - i));
    }
  });
}

void NormalizeAll(const LocalResponse& spec, const float* x, int64_t rows, int64_t channels, float* y) {
  ForBlocks(spec, rows, channels,
            [&](Block& block, int64_t first, int64_t count) { block.Normalize(x + first, count, y + first); });
}

void GradientOfAll(const LocalResponse& spec, const float* g, const float* x, int64_t rows, int64_t channels,
                   float* dx) {
  ForBlocks(spec, rows, channels, [&](Block& block, int64_t first, int64_t count) {
    block.Gradient(g + first, x + first, count, dx + first);
  });
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
