#include "convscope/inspect/filter_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/inspect/channel_maxima.h"

namespace convscope {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(FilterStatistics, CountsEveryValueAndLeavesOutWhatIsNoNumber) {
  const ValueStatistics s = StatisticsOf(Tensor::Of({6}, {-3, 0, 0, 4, kNan, 4}).view());
  EXPECT_EQ(s.count, 6);
  EXPECT_EQ(s.not_finite, 1);
  EXPECT_EQ(s.zeros, 2);
  EXPECT_EQ(s.minimum, -3);
  EXPECT_EQ(s.maximum, 4);
  EXPECT_DOUBLE_EQ(s.mean, 1);
  EXPECT_DOUBLE_EQ(s.deviation, 6 / std::sqrt(5));  // (16 + 1 + 1 + 9 + 9) / 5
  EXPECT_DOUBLE_EQ(s.norm, std::sqrt(41));
}

TEST(FilterStatistics, AHistogramOfBothSignsHasZeroInTheMiddle) {
  const Histogram h = HistogramOf(Tensor::Of({5}, {-1, -0.1f, 0.1f, 2, kNan}).view(), 4);
  EXPECT_EQ(h.low, -2);
  EXPECT_EQ(h.high, 2);
  EXPECT_THAT(h.counts, ElementsAre(0, 2, 1, 1));
  EXPECT_THAT(HistogramOf(Tensor::Of({2}, {3, 3}).view(), 3).counts, ElementsAre(0, 2, 0));
}

TEST(FilterStatistics, AHistogramOfOneHugeValueHasItInTheMiddle) {
  for (const float value : {1e20f, -1e20f, std::numeric_limits<float>::max()}) {
    const Histogram h = HistogramOf(Tensor::Of({2}, {value, value}).view(), 3);
    EXPECT_LT(h.low, value);
    EXPECT_GT(h.high, value);
    EXPECT_THAT(h.counts, ElementsAre(0, 2, 0)) << value;
  }
}

// Three filters of one channel, 1 x 2: (3, 4), 0, (6, 8.1).
Tensor ThreeFilters() {
  return Tensor::Of({1, 2, 1, 3}, {3, 0, 6, 4, 0, 8.1f});
}

TEST(FilterStatistics, ADeadFilterHasNoNormAndIsLikeNoOther) {
  EXPECT_THAT(FilterNorms(ThreeFilters()), ElementsAre(5, 0, DoubleEq(std::hypot(6, static_cast<double>(8.1f)))));
  const auto pairs = NearDuplicates(ThreeFilters(), -1);
  ASSERT_TRUE(pairs);
  ASSERT_EQ(pairs->size(), 1u);
  EXPECT_EQ((*pairs)[0].a, 0);
  EXPECT_EQ((*pairs)[0].b, 2);
  const double y = static_cast<double>(8.1f);
  EXPECT_NEAR((*pairs)[0].cosine, (3 * 6 + 4 * y) / (5 * std::hypot(6, y)), 1e-7);
  EXPECT_TRUE(NearDuplicates(ThreeFilters(), 0.9999999)->empty());
}

TEST(FilterStatistics, OppositeFiltersAreTold) {
  const auto pairs = NearDuplicates(Tensor::Of({1, 2, 1, 3}, {3, -3, 4, 4, -4, -3}), 0.99);
  ASSERT_EQ(pairs->size(), 1u);
  EXPECT_EQ((*pairs)[0].b, 1);
  EXPECT_NEAR((*pairs)[0].cosine, -1, 1e-6);
}

TEST(FilterStatistics, NormsOfPlanesAreThoseOfAFilterOnAChannel) {
  EXPECT_THAT(PlaneNorms(Tensor::Of({1, 2, 2, 1}, {3, 1, 4, 0})), ElementsAre(5, 1));
}

TEST(FilterStatistics, AnImpulseAnswersToAllFrequenciesAlikeAndABlurToNoneButTheConstant) {
  const Tensor impulse = Tensor::Of({1, 3, 1, 1}, {0, 2, 0});
  const Tensor flat = FrequencyResponse(impulse, 5);
  EXPECT_EQ(flat.shape(), Shape({5, 5, 1}));
  for (const float value : flat.view().span()) EXPECT_NEAR(value, 2, 1e-6);
  // As long as the transform: every wave but the constant sums to nothing.
  Tensor blur({5, 5, 1, 1});
  for (float& value : blur.view().span()) value = 1;
  const Tensor peak = FrequencyResponse(blur, 5);
  for (int64_t i = 0; i < 25; ++i) EXPECT_NEAR(peak.data()[i], i == 12 ? 25 : 0, 1e-5);
}

TEST(FilterStatistics, AVerticalEdgeAnswersAlongTheColumnsAndNotToTheConstant) {
  const Tensor edge = Tensor::Of({1, 2, 1, 1}, {-1, 1});
  const Tensor response = FrequencyResponse(edge, 9);
  for (int64_t k = 0; k < 9; ++k) {
    EXPECT_NEAR(response.data()[k * 9 + 4], 0, 1e-6);
    // |1 - exp(-i w)| = 2 sin(w / 2), w = 2 pi 4 / 9.
    EXPECT_NEAR(response.data()[k * 9 + 8], 2 * std::sin(3.14159265358979 * 4 / 9), 1e-6);
  }
}

TEST(FilterStatistics, OverChannelsThePowersAdd) {
  const Tensor response = FrequencyResponse(Tensor::Of({1, 1, 2, 1}, {3, 4}), 1);
  EXPECT_NEAR(response.data()[0], 5, 1e-6);
  EXPECT_THROW(FrequencyResponse(Tensor::Zeros({3, 3, 1, 1}), 4), Error);
}

TEST(ChannelMaxima, AreTheLargestValuesOfTheWholeData) {
  GraphBuilder builder;
  builder.Input("input", {{1, 2, 2, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 2}});
  builder.Add("conv", ConvOp{}, {"input", "kernel"});
  builder.Add("relu", ActivationOp{{.kind = ActivationKind::kRelu}}, {"conv"});
  const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 1, 2}, {2, -1}))}});
  Tensor pictures({70, 2, 2, 1});
  for (int64_t i = 0; i < pictures.size(); ++i) pictures.data()[i] = static_cast<float>(i);
  const Dataset data({.name = "ramp", .images = std::move(pictures), .labels = std::vector<int32_t>(70, 0)});
  const auto maxima = ChannelMaxima(model, data, {"conv", "relu"});
  EXPECT_THAT(maxima[0], ElementsAre(2 * 279, 0));
  EXPECT_THAT(maxima[1], ElementsAre(2 * 279, 0));
}

}  // namespace
}  // namespace convscope
