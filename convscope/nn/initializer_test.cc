#include "convscope/nn/initializer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Moments {
  double mean = 0, deviation = 0, low = 0, high = 0;
};

Moments MomentsOf(const Tensor& tensor) {
  Moments moments{.low = static_cast<double>(tensor.data()[0]), .high = moments.low};
  double sum = 0, squares = 0;
  for (const float value : tensor.view().span()) {
    const auto wide = static_cast<double>(value);
    sum += wide;
    squares += wide * wide;
    moments.low = std::min(moments.low, wide);
    moments.high = std::max(moments.high, wide);
  }
  const auto count = static_cast<double>(tensor.size());
  moments.mean = sum / count;
  moments.deviation = std::sqrt(squares / count - moments.mean * moments.mean);
  return moments;
}

// 200,000 values: the mean of a sample lies within 5 deviations / sqrt(count) of the distribution's in all but one of a
// million samples; its deviation within 5 deviations / sqrt(2 count) where the tails are no longer than the normal's.
void ExpectDistribution(const Initializer& initializer, double mean, double deviation, double limit) {
  const Shape shape{5, 5, 80, 100};
  const Moments moments = MomentsOf(InitialValues(initializer, shape, 1, "kernel"));
  const auto count = static_cast<double>(shape.NumElements());
  EXPECT_NEAR(moments.mean, mean, 5 * deviation / std::sqrt(count));
  EXPECT_NEAR(moments.deviation, deviation, 5 * deviation / std::sqrt(2 * count));
  EXPECT_LE(moments.high, mean + limit);
  EXPECT_GE(moments.low, mean - limit);
}

TEST(InitializerTest, FansCountTheReceptiveFieldAsKerasDoes) {
  EXPECT_EQ(FansOf({3, 5, 4, 7}).in, 3 * 5 * 4);
  EXPECT_EQ(FansOf({3, 5, 4, 7}).out, 3 * 5 * 7);
  EXPECT_EQ(FansOf({4, 7}).in, 4);
  EXPECT_EQ(FansOf({4, 7}).out, 7);
  EXPECT_EQ(FansOf({9}).in, 9);
  EXPECT_EQ(FansOf({9}).out, 9);
  EXPECT_EQ(FansOf({}).in, 1);
}

TEST(InitializerTest, RandomOnesHaveTheirMomentsAndLimits) {
  // Fans of (5, 5, 80, 100): 2000 in, 2500 out.
  const double in = 2000, out = 2500, infinity = 1e30;
  const float slack = 1e-6f;  // of limits rounded to float32
  const auto uniform = [&](const Initializer& initializer, double variance) {
    ExpectDistribution(initializer, 0, std::sqrt(variance), std::sqrt(3 * variance) * (1 + slack));
  };
  uniform(GlorotUniform{}, 2 / (in + out));
  uniform(HeUniform{}, 2 / in);
  uniform(LecunUniform{}, 1 / in);
  uniform(
      VarianceScaling{
          .scale = 3, .mode = VarianceScaling::Mode::kFanOut, .distribution = VarianceScaling::Distribution::kUniform},
      3 / out);
  // Cut at two deviations of what is wider by 1 / 0.8796, so that the variance is the one asked for.
  const auto truncated = [&](const Initializer& initializer, double variance) {
    ExpectDistribution(initializer, 0, std::sqrt(variance), 2 * std::sqrt(variance) / 0.87962566 * (1 + slack));
  };
  truncated(GlorotNormal{}, 2 / (in + out));
  truncated(HeNormal{}, 2 / in);
  truncated(LecunNormal{}, 1 / in);
  ExpectDistribution(TruncatedNormal{.mean = 1, .stddev = 0.5}, 1, 0.5 * 0.87962566, 1 * (1 + slack));
  ExpectDistribution(RandomNormal{.mean = -1, .stddev = 2}, -1, 2, infinity);
  ExpectDistribution(RandomUniform{.minval = -3, .maxval = 5}, 1, 8 / std::sqrt(12), 4);
  ExpectDistribution(VarianceScaling{.scale = 2,
                                     .mode = VarianceScaling::Mode::kFanOut,
                                     .distribution = VarianceScaling::Distribution::kUntruncatedNormal},
                     0, std::sqrt(2 / out), infinity);
}

TEST(InitializerTest, DependOnSeedAndNameAndNotOnThreads) {
  const Shape shape{300, 400};
  const auto bits = [&](const Initializer& initializer, uint64_t seed, const char* name) {
    const Tensor values = InitialValues(initializer, shape, seed, name);
    return std::vector<float>(values.data(), values.data() + values.size());
  };
  SetThreadCount(1);
  const auto one = bits(GlorotUniform{}, 7, "a/kernel");
  SetThreadCount(0);
  EXPECT_EQ(bits(GlorotUniform{}, 7, "a/kernel"), one);
  EXPECT_NE(bits(GlorotUniform{}, 8, "a/kernel"), one);
  EXPECT_NE(bits(GlorotUniform{}, 7, "b/kernel"), one);
  // A seed of its own takes the network's place.
  EXPECT_EQ(bits(GlorotUniform{.seed = 7}, 8, "a/kernel"), one);
}

TEST(InitializerTest, OrthogonalColumnsOrRowsAreOrthonormalTimesTheGain) {
  for (const Shape& shape : {Shape{3, 3, 4, 8}, Shape{6, 20}, Shape{7, 7}}) {
    const Tensor q = InitialValues(Orthogonal{.gain = 2}, shape, 3, "kernel");
    const int64_t columns = shape.back(), rows = q.size() / columns;
    const int64_t vectors = std::min(rows, columns), length = std::max(rows, columns);
    const auto at = [&](int64_t vector, int64_t i) {
      return static_cast<double>(rows >= columns ? q.data()[i * columns + vector] : q.data()[vector * columns + i]);
    };
    for (int64_t a = 0; a < vectors; ++a) {
      for (int64_t b = 0; b < vectors; ++b) {
        double dot = 0;
        for (int64_t i = 0; i < length; ++i) dot += at(a, i) * at(b, i);
        // Values below 2 rounded to float32: each product is off by 2^-23 of 4, all of them by no more than that.
        EXPECT_NEAR(dot, a == b ? 4 : 0, 4 * 0x1p-22);
      }
    }
  }
}

TEST(InitializerTest, FixedOnesAreWhatTheySay) {
  const auto first = [](const Initializer& initializer) {
    return InitialValues(initializer, {2, 3}, 0, "x").data()[5];
  };
  EXPECT_EQ(first(Zeros{}), 0);
  EXPECT_EQ(first(Ones{}), 1);
  EXPECT_EQ(first(Constant{-2.5}), -2.5f);
  const SharedTensor array = Share(Tensor::Of({6}, {1, 2, 3, 4, 5, 6}));
  const Tensor copy = InitialValues(FromArray{array}, {2, 3}, 0, "x");
  EXPECT_EQ(copy.shape(), (Shape{2, 3}));
  EXPECT_EQ(std::memcmp(copy.bytes(), array->bytes(), 24), 0);
}

TEST(InitializerTest, ErrorsNameTheParameterAndTheRule) {
  const SharedTensor array = Share(Tensor::Of({3}, {1, 2, 3}));
  EXPECT_THAT(
      [&] {
        InitialValues(FromArray{array}, {2, 3}, 0, "conv/kernel");
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("conv/kernel"), HasSubstr("6 values, (2, 3)"), HasSubstr("(3,)"))));
  EXPECT_THAT([&] { InitialValues(FromArray{}, {2, 3}, 0, "conv/kernel"); }, ThrowsMessage<Error>(HasSubstr("none")));
  EXPECT_THAT([&] { InitialValues(RandomNormal{.stddev = -1}, {2}, 0, "b"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("at least 0"), HasSubstr("-1"))));
  EXPECT_THAT([&] { InitialValues(Orthogonal{}, {4}, 0, "b"); }, ThrowsMessage<Error>(HasSubstr("matrices")));
}

}  // namespace
}  // namespace convscope
