#include "convscope/figures/internal/raster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace convscope::internal {
namespace {

TEST(AreaMeanTest, HalvingTakesTheMeanOfFour) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(AreaMean({values.data(), {2, 4, 1}}, 1, 2), (std::vector<float>{3.5f, 5.5f}));
}

TEST(AreaMeanTest, EnlargingRepeatsValues) {
  const std::vector<float> values = {1, 2};
  EXPECT_EQ(AreaMean({values.data(), {1, 2, 1}}, 2, 4), (std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2}));
}

TEST(AreaMeanTest, ValuesOnABorderCountByTheirPart) {
  const std::vector<float> values = {0, 3, 6};
  // Each half covers one and a half values.
  const std::vector<float> means = AreaMean({values.data(), {1, 3, 1}}, 1, 2);
  EXPECT_FLOAT_EQ(means[0], 1);
  EXPECT_FLOAT_EQ(means[1], 5);
}

TEST(AreaMeanTest, ChannelsStayApart) {
  const std::vector<float> values = {1, 10, 3, 30};
  EXPECT_EQ(AreaMean({values.data(), {2, 1, 2}}, 1, 1), (std::vector<float>{2, 20}));
}

TEST(AreaMeanTest, MeanOfTheWholeSurvivesAnySize) {
  std::vector<float> values(37 * 23);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17);
  double mean = 0;
  for (const float v : values) mean += v / static_cast<double>(values.size());
  for (const int rows : {1, 2, 5, 36, 37, 60}) {
    for (const int columns : {1, 3, 22, 23, 50}) {
      const std::vector<float> smaller = AreaMean({values.data(), {37, 23, 1}}, rows, columns);
      double sum = 0;
      for (const float v : smaller) sum += v;
      // Weights and sums are rounded to floats; no sum has more than 60 terms of at most 16.
      EXPECT_NEAR(sum / (rows * columns), mean, 60 * 16 * 1.2e-7) << rows << " x " << columns;
    }
  }
}

TEST(AreaMeanTest, OneNaNIsSeenAtAnySizeAndLargeValuesDoNotOverflow) {
  std::vector<float> values(10000, std::numeric_limits<float>::max());
  EXPECT_TRUE(std::isfinite(AreaMean({values.data(), {100, 100, 1}}, 1, 1)[0]));
  values[1234] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(AreaMean({values.data(), {100, 100, 1}}, 1, 1)[0]));
}

TEST(ColorPictureTest, ChannelsAreRedGreenBlueClipped) {
  const Raster raster = ColorPictureOf({1, 0.5f, 0, -1, 2, std::numeric_limits<float>::quiet_NaN()}, 1, 2);
  EXPECT_EQ(raster.pixels[0], (Rgb8{255, 128, 0}));
  EXPECT_EQ(raster.pixels[1], kNotFiniteColor);
}

TEST(OverlayTest, WeakValuesLeaveThePhotographAndStrongOnesHideIt) {
  const Scale strength{ColorMap::kViridis, 0, 2};
  const Rgb8 none = OverlayColor(0, 0.5f, strength);
  EXPECT_EQ(none.r, none.g);
  EXPECT_EQ(none.g, none.b);
  EXPECT_EQ(none, OverlayColor(0, 0.5f, {ColorMap::kDiverging, -1, 1}));
  const Rgb8 full = OverlayColor(2, 0.5f, strength), top = strength.ColorOf(2);
  EXPECT_LT(std::abs(full.r - top.r) + std::abs(full.g - top.g) + std::abs(full.b - top.b), 100);
  // The further from zero, the further from grey; the same for both signs.
  const auto colorful = [](Rgb8 c) { return std::max({c.r, c.g, c.b}) - std::min({c.r, c.g, c.b}); };
  const Scale opinion{ColorMap::kDiverging, -1, 1};
  for (const float sign : {-1.0f, 1.0f}) {
    EXPECT_LT(colorful(OverlayColor(sign * 0.1f, 0.5f, opinion)), 8);
    EXPECT_GT(colorful(OverlayColor(sign, 0.5f, opinion)), 60);
  }
  EXPECT_EQ(OverlayColor(NAN, 0.5f, opinion), kNotFiniteColor);
  EXPECT_EQ(OverlayColor(0, NAN, opinion), none);
}

}  // namespace
}  // namespace convscope::internal
