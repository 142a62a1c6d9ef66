#include "convscope/inspect/gram_diversity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "convscope/base/random.h"

namespace convscope {
namespace {

TEST(GramDiversity, IsOneForTheSameContentsElsewhereAndZeroForOtherChannels) {
  // (3, 2, 1, 2): the second picture is the first upside down, the third has the other channel alone.
  const Tensor maps = Tensor::Of({3, 2, 1, 2}, {1, 0, 3, 0, 3, 0, 1, 0, 0, 2, 0, 5});
  Tensor gradient(maps.shape());
  EXPECT_NEAR(GramSimilarity(maps, gradient), 1.0 / 3, 1e-12);  // of three pairs one is alike
}

TEST(GramDiversity, ItsGradientIsWhatSmallChangesMeasure) {
  Tensor maps({3, 2, 2, 3});
  Random random(2, "maps");
  for (float& value : maps.view().span()) value = random.Uniform(0.2f, 1);
  Tensor gradient(maps.shape()), unused(maps.shape());
  GramSimilarity(maps, gradient);
  for (int64_t i = 0; i < maps.size(); ++i) {
    const float value = maps.data()[i];
    constexpr float kStep = 1.0f / 256;  // exact in float beside values below 1
    maps.data()[i] = value + kStep;
    const double above = GramSimilarity(maps, unused);
    maps.data()[i] = value - kStep;
    const double below = GramSimilarity(maps, unused);
    maps.data()[i] = value;
    // The third derivative is of the order of one over the value squared.
    EXPECT_NEAR(gradient.data()[i], (above - below) / (2 * static_cast<double>(kStep)), 1e-3);
  }
}

TEST(GramDiversity, OfNothingIsZero) {
  const Tensor maps = Tensor::Zeros({2, 1, 1, 2});
  Tensor gradient(maps.shape());
  EXPECT_EQ(GramSimilarity(maps, gradient), 0);
  for (const float value : gradient.view().span()) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace convscope
