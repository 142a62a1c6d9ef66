#include "convscope/kernels/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/channels.h"

namespace convscope {
namespace {

constexpr double kEpsilon = 0x1p-24;

std::vector<float> Noise(int64_t count, std::string_view purpose, float low = -1, float high = 1) {
  Random random(1, purpose);
  std::vector<float> values(count);
  for (float& value : values) value = random.Uniform(low, high);
  return values;
}

struct Size {
  int64_t rows, channels;
};

std::vector<Size> Sizes() {
  std::vector<Size> sizes;
  for (const int64_t channels : {1, 2, 3, 4, 5, 7, 16, 17, 24, 32, 48, 64, 65, 100, 130, 512}) {
    for (const int64_t rows : {1, 2, 15, 33, 64, 1000}) sizes.push_back({rows, channels});
  }
  sizes.push_back({40000, 3});
  sizes.push_back({20000, 20});
  return sizes;
}

template <typename Body>
void ForEachCase(const Body& body) {
  ForEachTarget([&](const char* target) {
    for (const Size& size : Sizes()) {
      SCOPED_TRACE(testing::Message() << target << ", " << size.rows << " rows of " << size.channels);
      body(size.rows, size.channels);
    }
  });
}

// Sums of up to 64 float32 terms are off by 64 epsilon of the mean size of a term; the rest is in double.
TEST(Channels, MomentsAreTheReferencesOnEveryTarget) {
  ForEachCase([](int64_t rows, int64_t channels) {
    const std::vector<float> x = Noise(rows * channels, "x", 3, 5);
    std::vector<double> mean(channels), variance(channels), exact_mean(channels), exact_variance(channels);
    ChannelMoments(x.data(), rows, channels, mean.data(), variance.data());
    reference::ChannelMoments(x.data(), rows, channels, exact_mean.data(), exact_variance.data());
    for (int64_t c = 0; c < channels; ++c) {
      // The mean is that of distances below 2 from a value in their middle, which is exact.
      ASSERT_NEAR(mean[c], exact_mean[c], 64 * kEpsilon * 2);
      ASSERT_NEAR(variance[c], exact_variance[c], 64 * kEpsilon);
    }
  });
}

TEST(Channels, AMeanFarFromZeroCostsTheVarianceNoDigits) {
  // 4096 + {-1, 0, 1, 0}: exact in float32, the variance 1/2.
  std::vector<float> x(40000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 4096.0f + static_cast<float>(i / 4 % 2 == 0 ? i % 2 : -(i % 2 + 0.0));
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    double mean, variance, exact_mean, exact_variance;
    ChannelMoments(x.data(), 40000, 1, &mean, &variance);
    reference::ChannelMoments(x.data(), 40000, 1, &exact_mean, &exact_variance);
    EXPECT_NEAR(mean, exact_mean, 64 * kEpsilon);
    EXPECT_NEAR(variance, exact_variance, 64 * kEpsilon * exact_variance);
    EXPECT_NEAR(exact_variance, 0.5, 1e-9);
    EXPECT_NEAR(exact_mean, 4096, 1e-9);
  });
}

TEST(Channels, VarianceOfEqualValuesIsThatOfTheirRoundedMean) {
  for (const float value : {0.0f, 0.1f, 3.0f, -1e15f}) {
    const std::vector<float> x(70001, value);
    double mean, variance;
    ChannelMoments(x.data(), 70001, 1, &mean, &variance);
    EXPECT_NEAR(mean, value, 1e-9 * std::abs(value));
    EXPECT_GE(variance, 0);
    // Distances of at most 64 epsilon of the value, squared; and their sum's own rounding.
    EXPECT_LE(variance, std::pow(64 * kEpsilon * value, 2) * 64 * kEpsilon);
  }
}

TEST(Channels, SumsAreTheReferencesOnEveryTarget) {
  ForEachCase([](int64_t rows, int64_t channels) {
    const std::vector<float> g = Noise(rows * channels, "g"), x = Noise(rows * channels, "x");
    const std::vector<float> center = Noise(channels, "center");
    std::vector<double> sum(channels), products(channels), exact_sum(channels), exact_products(channels);
    ChannelSums(g.data(), x.data(), center.data(), rows, channels, sum.data(), products.data());
    reference::ChannelSums(g.data(), x.data(), center.data(), rows, channels, exact_sum.data(), exact_products.data());
    for (int64_t c = 0; c < channels; ++c) {
      ASSERT_NEAR(sum[c], exact_sum[c], 64 * kEpsilon * rows);
      ASSERT_NEAR(products[c], exact_products[c], 67 * kEpsilon * rows * 2);
    }
  });
}

TEST(Channels, LinearFunctionsAreTheReferencesOnEveryTarget) {
  ForEachCase([](int64_t rows, int64_t channels) {
    const std::vector<float> g = Noise(rows * channels, "g"), x = Noise(rows * channels, "x");
    const std::vector<float> m = Noise(channels, "m"), a = Noise(channels, "a"), b = Noise(channels, "b");
    const std::vector<float> c = Noise(channels, "c");
    std::vector<float> one(x.size()), two(x.size()), exact_one(x.size()), exact_two(x.size());
    ChannelAffine(x.data(), m.data(), a.data(), b.data(), rows, channels, one.data());
    reference::ChannelAffine(x.data(), m.data(), a.data(), b.data(), rows, channels, exact_one.data());
    ChannelAffineOfTwo(g.data(), x.data(), m.data(), a.data(), b.data(), c.data(), rows, channels, two.data());
    reference::ChannelAffineOfTwo(g.data(), x.data(), m.data(), a.data(), b.data(), c.data(), rows, channels,
                                  exact_two.data());
    std::vector<float> in_place = x;
    ChannelAffineInPlace(m.data(), a.data(), b.data(), rows, channels, in_place.data());
    ASSERT_EQ(in_place, one);
    for (size_t i = 0; i < x.size(); ++i) {  // two and four roundings of values up to 4, with or without fusing
      ASSERT_NEAR(one[i], exact_one[i], 4 * kEpsilon * 4);
      ASSERT_NEAR(two[i], exact_two[i], 8 * kEpsilon * 4);
    }
  });
}

TEST(Channels, GiveTheSameBitsAtAnyNumberOfThreads) {
  const int64_t rows = 9001, channels = 20;
  const std::vector<float> g = Noise(rows * channels, "g"), x = Noise(rows * channels, "x");
  const std::vector<float> m = Noise(channels, "m");
  std::vector<std::vector<double>> seen;
  for (const int threads : {1, 2, 5}) {
    SetThreadCount(threads);
    std::vector<double> all(4 * channels);
    ChannelMoments(x.data(), rows, channels, all.data(), all.data() + channels);
    ChannelSums(g.data(), x.data(), m.data(), rows, channels, all.data() + 2 * channels, all.data() + 3 * channels);
    seen.push_back(all);
  }
  SetThreadCount(0);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
}

TEST(Channels, NaNStaysInItsChannel) {
  std::vector<float> x(3 * 500, 1.0f);
  x[3 * 77 + 1] = std::numeric_limits<float>::quiet_NaN();
  double mean[3], variance[3];
  ChannelMoments(x.data(), 500, 3, mean, variance);
  EXPECT_EQ(mean[0], 1);
  EXPECT_EQ(variance[2], 0);
  EXPECT_TRUE(std::isnan(mean[1]));
  EXPECT_TRUE(std::isnan(variance[1]));
}

}  // namespace
}  // namespace convscope
