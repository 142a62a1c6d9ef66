#include "convscope/figures/color_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace convscope {
namespace {

constexpr ColorMap kMaps[] = {ColorMap::kGray, ColorMap::kViridis, ColorMap::kDiverging};

TEST(ColorMapTest, MiddleOfDivergingMapIsNeutralAndNearWhite) {
  const Rgb8 middle = Color(ColorMap::kDiverging, 0.5f);
  EXPECT_LE(std::max({middle.r, middle.g, middle.b}) - std::min({middle.r, middle.g, middle.b}), 2);
  EXPECT_GE(std::min({middle.r, middle.g, middle.b}), 240);
}

TEST(ColorMapTest, DivergingMapDarkensEvenlyOnBothSidesOfTheMiddle) {
  for (int i = 1; i <= 128; ++i) {
    const auto t = static_cast<float>(i) / 256;
    for (const float sign : {-1.0f, 1.0f}) {
      const double here = RelativeLuminance(Color(ColorMap::kDiverging, 0.5f + sign * t));
      const double inside = RelativeLuminance(Color(ColorMap::kDiverging, 0.5f + sign * (t - 1.0f / 256)));
      EXPECT_LT(here, inside + 0.002) << sign * t;
    }
    // Equal values of either sign look equally far from zero.
    const double below = RelativeLuminance(Color(ColorMap::kDiverging, 0.5f - t));
    const double above = RelativeLuminance(Color(ColorMap::kDiverging, 0.5f + t));
    EXPECT_NEAR(below, above, 0.09) << t;
  }
}

TEST(ColorMapTest, DivergingMapIsBlueBelowAndRedAbove) {
  for (int i = 16; i <= 128; ++i) {
    const Rgb8 below = Color(ColorMap::kDiverging, 0.5f - static_cast<float>(i) / 256);
    const Rgb8 above = Color(ColorMap::kDiverging, 0.5f + static_cast<float>(i) / 256);
    EXPECT_GT(below.b, below.r) << i;
    EXPECT_GT(above.r, above.b) << i;
  }
}

TEST(ColorMapTest, ViridisAndGreyLightenFromLowToHigh) {
  for (const ColorMap map : {ColorMap::kViridis, ColorMap::kGray}) {
    for (int i = 1; i < 256; ++i) {
      EXPECT_GT(RelativeLuminance(Palette(map)[i]), RelativeLuminance(Palette(map)[i - 1]) - 1e-3) << Name(map) << i;
    }
  }
}

TEST(ColorMapTest, ViridisHasItsPublishedEnds) {
  EXPECT_EQ(Color(ColorMap::kViridis, 0), (Rgb8{0x44, 0x01, 0x54}));
  EXPECT_EQ(Color(ColorMap::kViridis, 1), (Rgb8{0xfd, 0xe7, 0x25}));
}

TEST(ColorMapTest, TextIsReadableOnEveryColourOfEveryMap) {
  for (const ColorMap map : kMaps) {
    for (const Rgb8 color : Palette(map)) EXPECT_GE(Contrast(TextColorOn(color), color), 4.5) << Name(map);
  }
  EXPECT_GE(Contrast(TextColorOn(kNotFiniteColor), kNotFiniteColor), 4.5);
}

TEST(ColorMapTest, NoMapHoldsTheColourOfNaN) {
  for (const ColorMap map : kMaps) {
    for (const Rgb8 color : Palette(map)) {
      const int distance = std::abs(color.r - kNotFiniteColor.r) + std::abs(color.g - kNotFiniteColor.g) +
                           std::abs(color.b - kNotFiniteColor.b);
      EXPECT_GT(distance, 150) << Name(map);
    }
  }
}

TEST(ColorMapTest, ValuesOutsideTakeTheEndsAndNaNItsOwnColour) {
  for (const ColorMap map : kMaps) {
    EXPECT_EQ(Color(map, -3), Color(map, 0));
    EXPECT_EQ(Color(map, 7), Color(map, 1));
    EXPECT_EQ(Color(map, std::numeric_limits<float>::quiet_NaN()), kNotFiniteColor);
  }
}

TEST(ColorMapTest, ContrastFollowsTheGuidelines) {
  EXPECT_DOUBLE_EQ(Contrast({0, 0, 0}, {255, 255, 255}), 21);
  EXPECT_NEAR(Contrast({119, 119, 119}, {255, 255, 255}), 4.48, 0.01);
}

}  // namespace
}  // namespace convscope
