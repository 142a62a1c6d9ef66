#include "convscope/inspect/attribution/faithfulness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/inspect/attribution/attributor.h"
#include "convscope/inspect/attribution/baseline.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

// Class 1 for light in the upper left corner (4 x 4) of a picture (8, 8, 1), else class 0.
Model OneCorner() {
  Network network = Sequential({8, 8, 1}, {Flatten{}, Dense{.units = 2, .activation = "softmax", .name = "classes"}});
  Tensor kernel = Tensor::Zeros({64, 2});
  for (int64_t i = 0; i < 16; ++i) kernel.data()[(i / 4 * 8 + i % 4) * 2 + 1] = 0.5f;
  network.SetWeights({{"classes/kernel", Share(std::move(kernel))}, {"classes/bias", Share(Tensor::Of({2}, {4, 0}))}});
  return network.model();
}

Tensor White() {
  Tensor picture(Shape{1, 8, 8, 1});
  std::fill_n(picture.data(), picture.size(), 1.0f);
  return picture;
}

TEST(Faithfulness, DeletionOfPlantedEvidenceFallsFasterThanRandomAndInsertionRisesFaster) {
  Attributor attributor(OneCorner(), {.batch = 5});
  const Tensor picture = White(), black = Tensor::Zeros(picture.shape());
  const Tensor map = attributor(AttributionMethod::kInputXGradient, picture, 1).map;
  const FaithfulnessOptions options{.steps = 16};
  const auto areas = [&](const Tensor& from, const Tensor& to) {
    std::vector<FaithfulnessCurve> random;
    for (uint64_t seed = 0; seed < 5; ++seed) {
      random.push_back(ChangePixels(attributor.Scores(), from, to, RandomPixelOrder(64, seed), 1, options));
    }
    const FaithfulnessCurve ours = ChangePixels(attributor.Scores(), from, to, PixelOrder(map), 1, options);
    return std::pair(ours.area, MeanCurve(random).area);
  };
  const auto [deletion, random_deletion] = areas(picture, black);
  EXPECT_LT(deletion, 0.25);  // a quarter of the pixels matters, and it is gone first
  EXPECT_GT(random_deletion, deletion + 0.2);
  const auto [insertion, random_insertion] = areas(black, picture);
  EXPECT_GT(insertion, 0.75);
  EXPECT_LT(random_insertion, insertion - 0.2);
}

TEST(Faithfulness, CurvesBeginAndEndAtThePictures) {
  Attributor attributor(OneCorner());
  const Tensor picture = White(), black = Tensor::Zeros(picture.shape());
  const FaithfulnessCurve curve =
      ChangePixels(attributor.Scores(), picture, black, RandomPixelOrder(64, 1), 1, {.steps = 7});
  ASSERT_EQ(curve.share.size(), 8);
  EXPECT_EQ(curve.share.front(), 0);
  EXPECT_EQ(curve.share.back(), 1);
  EXPECT_NEAR(curve.probability.front(), 1 / (1 + std::exp(-4.0)), 1e-6);
  EXPECT_NEAR(curve.probability.back(), 1 / (1 + std::exp(4.0)), 1e-6);
  // More steps than pixels: one a pixel.
  EXPECT_EQ(ChangePixels(attributor.Scores(), picture, black, RandomPixelOrder(64, 1), 1, {.steps = 99}).share.size(),
            65);
  EXPECT_THROW(ChangePixels(attributor.Scores(), picture, black, RandomPixelOrder(63, 1), 1), Error);
  EXPECT_THROW(ChangePixels(attributor.Scores(), picture, black, RandomPixelOrder(64, 1), 2), Error);
}

TEST(Faithfulness, TheOrderIsByValueAndTiesAreDrawn) {
  const Tensor map = Tensor::Of({2, 3}, {-1, 5, NAN, 7, 2, -3});
  EXPECT_THAT(PixelOrder(map), ElementsAre(3, 1, 4, 0, 5, 2));
  const Tensor flat = Tensor::Zeros({8, 8});
  EXPECT_NE(PixelOrder(flat, 1), PixelOrder(flat, 2));
  EXPECT_EQ(PixelOrder(flat, 1), RandomPixelOrder(64, 1));
}

TEST(Faithfulness, BaselinesKeepTheMeanAndBlurSpreadsIt) {
  Tensor picture = Tensor::Zeros({1, 15, 15, 2});
  picture.data()[(7 * 15 + 7) * 2] = 225;
  const Tensor mean = MeanBaseline(picture);
  EXPECT_FLOAT_EQ(mean.data()[0], 1);
  EXPECT_FLOAT_EQ(mean.data()[1], 0);
  // Far enough from the border, where weights are shared among fewer pixels.
  const Tensor blurred = BlurBaseline(picture, 1);
  double sum = 0;
  for (int64_t i = 0; i < blurred.size(); ++i) sum += static_cast<double>(blurred.data()[i]);
  EXPECT_NEAR(sum, 225, 1e-3);
  EXPECT_FLOAT_EQ(blurred.data()[(7 * 15 + 6) * 2], blurred.data()[(6 * 15 + 7) * 2]);
  EXPECT_NEAR(blurred.data()[(7 * 15 + 7) * 2] / blurred.data()[(7 * 15 + 6) * 2], std::exp(0.5), 1e-5);
  EXPECT_EQ(blurred.data()[1], 0);
  EXPECT_THROW(BlurBaseline(picture, 0), Error);
}

}  // namespace
}  // namespace convscope
