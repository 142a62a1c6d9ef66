#include "convscope/figures/scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "convscope/base/parallel.h"

namespace convscope {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

ValueRange RangeOf(std::vector<float> values) {
  return convscope::RangeOf(TensorView<const float>(values.data(), {static_cast<int64_t>(values.size())}));
}

TEST(ScaleTest, RangeCountsWhatIsNotFiniteAndWhatAPhotographClips) {
  const ValueRange range = RangeOf({0.5f, -2, kNaN, 3, kInfinity, 1, -kInfinity, 0});
  EXPECT_EQ(range.low, -2);
  EXPECT_EQ(range.high, 3);
  EXPECT_EQ(range.count, 8);
  EXPECT_EQ(range.not_finite, 3);
  EXPECT_EQ(range.outside, 2);
}

TEST(ScaleTest, RangeFindsExtremesAtEveryPlaceForEveryLength) {
  for (const int length : {1, 2, 31, 32, 33, 100, 70000}) {
    for (const int place : {0, length / 2, length - 1}) {
      std::vector<float> values(length, 0.25f);
      values[place] = -4;
      EXPECT_EQ(RangeOf(values).low, -4) << length << " " << place;
      values[place] = 4;
      EXPECT_EQ(RangeOf(values).high, 4) << length << " " << place;
      values[place] = kNaN;
      EXPECT_EQ(RangeOf(values).not_finite, 1) << length << " " << place;
    }
  }
}

TEST(ScaleTest, RangesOfMapsAreThoseOfEachMapAlone) {
  std::vector<float> values;
  for (int pixel = 0; pixel < 1000; ++pixel) {
    for (int map = 0; map < 3; ++map) values.push_back(static_cast<float>(map * 1000 + pixel));
  }
  const auto ranges = RangesOf(TensorView<const float>(values.data(), {20, 50, 3}));
  ASSERT_EQ(ranges.size(), 3u);
  for (int map = 0; map < 3; ++map) {
    EXPECT_EQ(ranges[map].low, map * 1000);
    EXPECT_EQ(ranges[map].high, map * 1000 + 999);
    EXPECT_EQ(ranges[map].count, 1000);
  }
}

TEST(ScaleTest, RangeDoesNotDependOnTheNumberOfThreads) {
  std::vector<float> values(300000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
  SetThreadCount(1);
  const ValueRange one = RangeOf(values);
  SetThreadCount(3);
  const ValueRange three = RangeOf(values);
  SetThreadCount(0);
  EXPECT_EQ(one.low, three.low);
  EXPECT_EQ(one.high, three.high);
  EXPECT_EQ(one.outside, three.outside);
  EXPECT_EQ(one.usual, three.usual);
}

TEST(ScaleTest, SignedValuesGetADivergingScaleWithZeroInTheMiddle) {
  EXPECT_EQ(ScaleFor(RangeOf({-1, 0, 8})), (Scale{ColorMap::kDiverging, -8, 8}));
  EXPECT_EQ(ScaleFor(RangeOf({-9, -3})), (Scale{ColorMap::kDiverging, -9, 9}));
  const float most = std::numeric_limits<float>::max();
  for (const float m : {1e-30f, 0.3f, 8.0f, most}) {
    const Scale scale = ScaleFor(RangeOf({-m, m / 3}));
    EXPECT_EQ(scale.ColorOf(0), Color(ColorMap::kDiverging, 0.5f)) << m;
    EXPECT_EQ(scale.ColorOf(-m), Color(ColorMap::kDiverging, 0)) << m;
    EXPECT_EQ(scale.ColorOf(m), Color(ColorMap::kDiverging, 1)) << m;
  }
}

TEST(ScaleTest, UnsignedValuesGetViridisFromZeroUnlessHalfOfItWouldBeUnused) {
  EXPECT_EQ(ScaleFor(RangeOf({0.1f, 2})), (Scale{ColorMap::kViridis, 0, 2}));
  EXPECT_EQ(ScaleFor(RangeOf({1.5f, 2})), (Scale{ColorMap::kViridis, 1.5f, 2}));
  EXPECT_EQ(ScaleFor(RangeOf({2, 2})), (Scale{ColorMap::kViridis, 0, 2}));
}

TEST(ScaleTest, AllZeroIsDrawnAsZeroAndSaid) {
  const ValueRange range = RangeOf({0, 0, 0});
  const Scale scale = ScaleFor(range);
  EXPECT_EQ(scale, (Scale{ColorMap::kDiverging, -1, 1}));
  EXPECT_EQ(scale.ColorOf(0), Color(ColorMap::kDiverging, 0.5f));
  EXPECT_EQ(Remark(range), "all zero");
}

TEST(ScaleTest, AFewBrightPixelsDoNotTakeAllColours) {
  std::vector<float> values(10000, 1);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 100) / 100 - 0.5f;
  values[5000] = 40;
  const ValueRange range = RangeOf(values);
  EXPECT_EQ(range.high, 40);
  const Scale scale = ScaleFor(range);
  EXPECT_NEAR(scale.high, 0.5f, 0.011f);
  EXPECT_EQ(scale.low, -scale.high);
}

TEST(ScaleTest, SmallMapsAndSparseMapsKeepTheirLargestValue) {
  std::vector<float> small(100, 0.01f);
  small[7] = 40;
  EXPECT_EQ(ScaleFor(RangeOf(small)).high, 40);
  std::vector<float> sparse(10000, 0.0f);
  sparse[7] = 40;
  EXPECT_EQ(ScaleFor(RangeOf(sparse)).high, 40);
}

TEST(ScaleTest, NotFiniteValuesHaveTheirColourAndAreCounted) {
  const Scale scale = PhotographScale();
  EXPECT_EQ(scale.ColorOf(kNaN), kNotFiniteColor);
  EXPECT_EQ(scale.ColorOf(kInfinity), kNotFiniteColor);
  EXPECT_EQ(scale.ColorOf(-kInfinity), kNotFiniteColor);
  EXPECT_EQ(Remark(RangeOf({kNaN, 1, 2})), "1 of 3 values NaN or infinite (magenta)");
  EXPECT_EQ(Remark(RangeOf({kNaN, kNaN})), "2 of 2 values NaN or infinite (magenta)");
  EXPECT_EQ(Remark(RangeOf({kInfinity, 0, 0})), "1 of 3 values NaN or infinite (magenta), all others zero");
}

TEST(ScaleTest, ConstantValuesAreSaid) {
  EXPECT_EQ(Remark(RangeOf({0.25f, 0.25f})), "all 0.25");
  EXPECT_EQ(Remark(RangeOf({0.25f, 0.5f})), "");
}

TEST(ScaleTest, WhatDiffersByRoundingIsOneValue) {
  const ValueRange noise = RangeOf({0.25f, std::nextafter(0.25f, 1.0f)});
  EXPECT_TRUE(noise.one_value());
  EXPECT_EQ(ScaleFor(noise).low, 0);  // else rounding would take all colours
  EXPECT_FALSE(RangeOf({0.25f, 0.2501f}).one_value());
  EXPECT_FALSE(RangeOf({0, 1e-20f}).one_value());
}

TEST(ScaleTest, ASignedScaleIsAboutZeroWhateverTheSigns) {
  EXPECT_EQ(SignedScaleFor(RangeOf({1, 3})), (Scale{ColorMap::kDiverging, -3, 3}));
  EXPECT_EQ(SignedScaleFor(RangeOf({-4, 3})), (Scale{ColorMap::kDiverging, -4, 4}));
  EXPECT_EQ(SignedScaleFor(RangeOf({0, 0})), (Scale{ColorMap::kDiverging, -1, 1}));
}

TEST(ScaleTest, NumbersAreShort) {
  EXPECT_EQ(NumberText(-1), "-1");
  EXPECT_EQ(NumberText(0.0625f), "0.0625");
  EXPECT_EQ(NumberText(-0.0f), "0");
  EXPECT_EQ(NumberText(1.0f / 3), "0.3333");
  EXPECT_EQ(NumberText(2.0f / 3, 2), "0.67");
  EXPECT_EQ(NumberText(0.000012f), "1.2e-5");
  EXPECT_EQ(NumberText(123456), "1.235e5");
  EXPECT_EQ(NumberText(1e20f), "1e20");
  EXPECT_EQ(NumberText(100), "100");
  EXPECT_EQ(NumberText(kNaN), "NaN");
  EXPECT_EQ(NumberText(-kInfinity), "-inf");
}

}  // namespace
}  // namespace convscope
