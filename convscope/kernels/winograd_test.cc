#include "convscope/kernels/winograd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kG[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}, {0, 0, 1}};  // |G|
constexpr double kB[4][4] = {{1, 0, 1, 0}, {0, 1, 1, 0}, {0, 1, 1, 0}, {0, 1, 0, 1}};  // |B^T|
constexpr double kA[2][4] = {{1, 1, 1, 0}, {0, 1, 1, 1}};                              // |A^T|

struct Problem {
  ConvSpec spec;
  std::vector<float> x, kernel, bias;
};

Problem MakeProblem(const ConvSpec& spec, uint64_t seed) {
  Problem problem{.spec = spec, .x = {}, .kernel = {}, .bias = {}};
  Random random(seed, "winograd");
  const auto fill = [&](std::vector<float>& values, int64_t count) {
    values.resize(static_cast<size_t>(count));
    for (float& value : values) value = random.Uniform(-1, 1);
  };
  fill(problem.x, spec.InputShape().NumElements());
  fill(problem.kernel, spec.KernelShape().NumElements());
  fill(problem.bias, spec.filters);
  return problem;
}

ConvSpec Spec(int64_t batch, int64_t rows, int64_t columns, int64_t channels, int64_t filters,
              std::array<int64_t, 4> padding) {
  ConvSpec spec{.batch = batch, .channels = channels, .filters = filters};
  spec.axes[1] = {.in = rows, .size = 3, .pad_before = padding[0], .pad_after = padding[1]};
  spec.axes[2] = {.in = columns, .size = 3, .pad_before = padding[2], .pad_after = padding[3]};
  return spec;
}

std::vector<ConvSpec> Specs() {
  std::vector<ConvSpec> specs = {Spec(1, 3, 3, 16, 16, {0, 0, 0, 0}),  Spec(1, 4, 4, 16, 16, {0, 0, 0, 0}),
                                 Spec(2, 5, 7, 32, 48, {1, 1, 1, 1}),  Spec(1, 14, 9, 48, 32, {1, 1, 1, 1}),
                                 Spec(3, 6, 6, 16, 80, {0, 1, 2, 0}),  Spec(1, 6, 6, 16, 112, {0, 1, 2, 0}),
                                 Spec(1, 1, 1, 16, 16, {1, 1, 1, 1}),  Spec(1, 8, 70, 16, 16, {2, 2, 0, 3}),
                                 Spec(1, 7, 7, 144, 64, {1, 1, 1, 1}), Spec(2, 13, 13, 64, 16, {1, 0, 0, 1})};
  specs[3].flip_kernel = true;
  return specs;
}

// |A^T| ((|G| |g| |G^T|) * (|B^T| |d| |B|)) |A|, summed over channels, plus |bias|: what an output's rounding is
// relative to.
std::vector<double> Sizes(const Problem& problem) {
  const ConvSpec& spec = problem.spec;
  const int64_t out_rows = spec.rows().out(), out_columns = spec.columns().out(), channels = spec.channels;
  std::vector<double> weights(static_cast<size_t>(16 * channels * spec.filters));
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t f = 0; f < spec.filters; ++f) {
      for (int64_t k = 0; k < 16; ++k) {
        double sum = 0;
        for (int64_t tap = 0; tap < 9; ++tap) {
          const int64_t place = spec.flip_kernel ? 8 - tap : tap;
          const double g = std::abs(problem.kernel[static_cast<size_t>((place * channels + c) * spec.filters + f)]);
          sum += kG[k / 4][tap / 3] * kG[k % 4][tap % 3] * g;
        }
        weights[static_cast<size_t>((k * channels + c) * spec.filters + f)] = sum;
      }
    }
  }
  std::vector<double> sizes(static_cast<size_t>(spec.OutputShape().NumElements()));
  std::vector<double> tile(static_cast<size_t>(16 * channels));
  for (int64_t i = 0; i < spec.batch * out_rows * out_columns; ++i) {
    const int64_t n = i / out_columns / out_rows, y = i / out_columns % out_rows, x = i % out_columns;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t k = 0; k < 16; ++k) {
        double sum = 0;
        for (int64_t p = 0; p < 16; ++p) {
          const int64_t row = y / 2 * 2 - spec.rows().pad_before + p / 4;
          const int64_t column = x / 2 * 2 - spec.columns().pad_before + p % 4;
          if (row < 0 || row >= spec.rows().in || column < 0 || column >= spec.columns().in) continue;
          const int64_t at = ((n * spec.rows().in + row) * spec.columns().in + column) * channels + c;
          sum += kB[k / 4][p / 4] * kB[k % 4][p % 4] * std::abs(problem.x[static_cast<size_t>(at)]);
        }
        tile[static_cast<size_t>(k * channels + c)] = sum;
      }
    }
    for (int64_t f = 0; f < spec.filters; ++f) {
      double sum = std::abs(problem.bias[static_cast<size_t>(f)]);
      for (int64_t k = 0; k < 16; ++k) {
        const double factor = kA[y % 2][k / 4] * kA[x % 2][k % 4];
        if (factor == 0) continue;
        for (int64_t c = 0; c < channels; ++c) {
          sum += factor * tile[static_cast<size_t>(k * channels + c)] *
                 weights[static_cast<size_t>((k * channels + c) * spec.filters + f)];
        }
      }
      sizes[static_cast<size_t>(i * spec.filters + f)] = sum;
    }
  }
  return sizes;
}

std::vector<float> Computed(const Problem& problem, const Epilogue& epilogue = {}) {
  const WinogradConvolution conv(problem.spec, problem.kernel.data(), problem.bias.data(), epilogue);
  std::vector<float> y(static_cast<size_t>(problem.spec.OutputShape().NumElements()));
  conv(problem.x.data(), y.data());
  return y;
}

TEST(Winograd, ErrsByNoMoreThanItsTransformsAllowOnEveryTarget) {
  for (const ConvSpec& spec : Specs()) {
    SCOPED_TRACE(spec.InputShape().ToString() + " " + spec.KernelShape().ToString());
    const Problem problem = MakeProblem(spec, 1);
    const auto doubles = [](const std::vector<float>& values) {
      return std::vector<double>(values.begin(), values.end());
    };
    std::vector<double> exact(static_cast<size_t>(spec.OutputShape().NumElements()));
    reference::Conv(spec, doubles(problem.x).data(), doubles(problem.kernel).data(), doubles(problem.bias).data(),
                    exact.data());
    const std::vector<double> sizes = Sizes(problem);
    ForEachTarget([&](const char* target) {
      SCOPED_TRACE(target);
      const std::vector<float> y = Computed(problem);
      for (size_t i = 0; i < y.size(); ++i) {
        ASSERT_NEAR(y[i], exact[i], static_cast<double>(spec.channels + 12) * 0x1p-24 * sizes[i]) << i;
      }
    });
  }
}

TEST(Winograd, GivesTheSameBitsAtAnyNumberOfThreadsAndInAnyBatch) {
  for (const ConvSpec& spec : Specs()) {
    const Problem problem = MakeProblem(spec, 2);
    SetThreadCount(1);
    const std::vector<float> once = Computed(problem);
    for (const int threads : {2, 3, 7}) {
      SetThreadCount(threads);
      const std::vector<float> again = Computed(problem);
      EXPECT_EQ(std::memcmp(once.data(), again.data(), once.size() * sizeof(float)), 0) << threads;
    }
    Problem first = problem;
    first.spec.batch = 1;
    const std::vector<float> alone = Computed(first);
    EXPECT_EQ(std::memcmp(once.data(), alone.data(), alone.size() * sizeof(float)), 0);
  }
  SetThreadCount(0);
}

TEST(Winograd, FinishesEachPixelOnce) {
  for (const ConvSpec& spec : Specs()) {
    const Problem problem = MakeProblem(spec, 3);
    const std::vector<float> plain = Computed(problem);
    const std::vector<float> finished = Computed(problem, [&](float* values, int64_t count) {
      EXPECT_EQ(count % spec.filters, 0);
      for (int64_t i = 0; i < count; ++i) values[i] = 2 * values[i] + 1;
    });
    for (size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(finished[i], 2 * plain[i] + 1) << i;
  }
}

TEST(Winograd, HoldsValuesWithinLimitsBeforeTheRestOfItsEpilogue) {
  for (const ConvSpec& spec : Specs()) {
    const Problem problem = MakeProblem(spec, 4);
    Epilogue epilogue([](float* values, int64_t count) {
      for (int64_t i = 0; i < count; ++i) values[i] = 2 * values[i] + 1;
    });
    epilogue.limits = {.low = -0.5f, .high = 2};
    const std::vector<float> plain = Computed(problem), held = Computed(problem, epilogue);
    for (size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(held[i], 2 * std::clamp(plain[i], -0.5f, 2.0f) + 1) << i;
  }
}

TEST(Winograd, TakesAndPaysForWhatItSays) {
  const ConvSpec large = Spec(1, 28, 28, 64, 64, {1, 1, 1, 1});
  EXPECT_TRUE(WinogradConvolution::Pays(large));
  ConvSpec batch = Spec(64, 11, 11, 16, 16, {1, 1, 1, 1});
  EXPECT_TRUE(WinogradConvolution::Takes(batch));
  EXPECT_FALSE(WinogradConvolution::Pays(batch));  // as one picture of it
  EXPECT_TRUE(WinogradConvolution::Pays(Spec(1, 20, 512, 64, 64, {1, 1, 1, 1})));
  EXPECT_FALSE(WinogradConvolution::Pays(Spec(1, 20, 513, 64, 64, {1, 1, 1, 1})));
  EXPECT_FALSE(WinogradConvolution::Pays(Spec(1, 5, 512, 64, 64, {1, 1, 1, 1})));
  EXPECT_FALSE(WinogradConvolution::Pays(Spec(1, 6, 512, 16384, 16, {1, 1, 1, 1})));  // 269 MB on each thread
  const auto takes = [&](const auto& change) {
    ConvSpec spec = large;
    change(spec);
    return WinogradConvolution::Takes(spec);
  };
  EXPECT_TRUE(takes([](ConvSpec& s) { s.flip_kernel = true; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.axes[2].stride = 2; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.axes[1].dilation = 2; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.axes[1].size = 5; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.groups = 2; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.pad_mode = PadMode::kReflect; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.channels = 24; }));
  EXPECT_FALSE(takes([](ConvSpec& s) { s.filters = 10; }));
  ConvSpec other = large;
  other.filters = 10;
  EXPECT_THAT([&] { WinogradConvolution(other, nullptr, nullptr); },
              ThrowsMessage<Error>(HasSubstr("multiples of 16 channels and filters")));
}

}  // namespace
}  // namespace convscope
