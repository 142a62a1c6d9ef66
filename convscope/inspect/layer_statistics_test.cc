#include "convscope/inspect/layer_statistics.h"

#include <gtest/gtest.h>

#include <limits>

namespace convscope {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(LayerStatistics, CountsZerosAndDeadChannels) {
  const Tensor maps = Tensor::Of({1, 2, 3}, {-1, 0, 5, 2, 0, 0});
  const LayerStatistics statistics = LayerStatisticsOf(maps.view());
  EXPECT_EQ(statistics.low, -1);
  EXPECT_EQ(statistics.high, 5);
  EXPECT_EQ(statistics.strongest, 2);
  EXPECT_DOUBLE_EQ(statistics.mean, 1);
  EXPECT_DOUBLE_EQ(statistics.zeros, 0.5);
  EXPECT_EQ(statistics.dead, 1);
}

TEST(LayerStatistics, WhatIsNotFiniteIsCountedAndNotAveraged) {
  const Tensor maps = Tensor::Of({1, 2, 2}, {kNan, 1, 3, std::numeric_limits<float>::infinity()});
  const LayerStatistics statistics = LayerStatisticsOf(maps.view());
  EXPECT_EQ(statistics.not_finite, 2);
  EXPECT_EQ(statistics.dead, 0);
  EXPECT_EQ(statistics.low, 1);
  EXPECT_EQ(statistics.high, 3);
  EXPECT_DOUBLE_EQ(statistics.mean, 2);
}

}  // namespace
}  // namespace convscope
