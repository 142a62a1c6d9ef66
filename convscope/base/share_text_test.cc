#include "convscope/base/share_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace convscope {
namespace {

TEST(ShareTextTest, IsAPercentageWithAsManyDigits) {
  EXPECT_EQ(ShareText(0.125), "12.5 %");
  EXPECT_EQ(ShareText(0.125, 2), "12.50 %");
  EXPECT_EQ(ShareText(0.125, 0), "12 %");
  EXPECT_EQ(ShareText(1.5), "150.0 %");
  EXPECT_EQ(ShareText(-0.25), "-25.0 %");
}

TEST(ShareTextTest, OnlyAllIsAHundred) {
  EXPECT_EQ(ShareText(1), "100 %");
  EXPECT_EQ(ShareText(0.9996), "> 99.9 %");
  EXPECT_EQ(ShareText(std::nextafter(1.0, 0.0), 2), "> 99.99 %");
  EXPECT_EQ(ShareText(0.9994), "99.9 %");
  EXPECT_EQ(ShareText(0.996, 0), "> 99 %");
  EXPECT_EQ(ShareText(1.0001), "> 100 %");
}

TEST(ShareTextTest, OnlyNothingIsZero) {
  EXPECT_EQ(ShareText(0), "0 %");
  EXPECT_EQ(ShareText(-0.0), "0 %");
  EXPECT_EQ(ShareText(0.0004), "< 0.1 %");
  EXPECT_EQ(ShareText(1e-300, 2), "< 0.01 %");
  EXPECT_EQ(ShareText(-0.0004), "> -0.1 %");
  EXPECT_EQ(ShareText(-0.9996), "< -99.9 %");
  EXPECT_EQ(ShareText(0.0006), "0.1 %");
}

TEST(ShareTextTest, WhatIsNoNumberSaysSo) {
  EXPECT_EQ(ShareText(NAN), "NaN");
  EXPECT_EQ(ShareText(std::numeric_limits<double>::infinity()), "inf");
}

}  // namespace
}  // namespace convscope
