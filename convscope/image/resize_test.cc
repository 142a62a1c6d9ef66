#include "convscope/image/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using testing::ElementsAre;

TEST(Resize, ToItsOwnSizeChangesNothing) {
  const Tensor in = Tensor::Of({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Resize(in.view(), 2, 3).view().span(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Resize, GrowsBilinearly) {
  // The places of the new pixels' centres are 0, 0.25, 0.75, 1 between the two old ones, the outer ones held.
  const Tensor in = Tensor::Of({1, 2, 1}, {0, 8});
  EXPECT_THAT(Resize(in.view(), 1, 4).view().span(), ElementsAre(0, 2, 6, 8));
  EXPECT_THAT(Resize(Tensor::Of({2, 1, 1}, {0, 8}).view(), 4, 1).view().span(), ElementsAre(0, 2, 6, 8));
}

TEST(Resize, ShrinksByATriangleOfAllPixels) {
  // By 2: weights 1, 3, 3, 1 over 8 around each centre; at the border without what lies outside.
  const Tensor in = Tensor::Of({1, 6, 1}, {7, 14, 21, 28, 56, 0});
  const Tensor out = Resize(in.view(), 1, 3);
  EXPECT_FLOAT_EQ(out.data()[0], (3 * 7 + 3 * 14 + 21) / 7.0f);
  EXPECT_FLOAT_EQ(out.data()[1], (14 + 3 * 21 + 3 * 28 + 56) / 8.0f);
  EXPECT_FLOAT_EQ(out.data()[2], (28 + 3 * 56 + 0) / 7.0f);
}

TEST(Resize, KeepsAnEvenPictureEvenAndChannelsApart) {
  Tensor in(Shape{7, 11, 2});
  for (int64_t i = 0; i < in.size(); ++i) in.data()[i] = i % 2 == 0 ? 0.25f : 3.0f;
  for (const int64_t side : {1, 3, 20}) {
    const Tensor out = Resize(in.view(), side, side + 2);
    EXPECT_EQ(out.shape(), (Shape{side, side + 2, 2}));
    for (int64_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out.data()[i], i % 2 == 0 ? 0.25f : 3.0f, 1e-5);
  }
}

TEST(ResizeAndCrop, TakesTheMiddleUnstretched) {
  const Tensor wide = Tensor::Of({1, 5, 1}, {1, 2, 3, 4, 5});
  EXPECT_THAT(ResizeAndCrop(wide.view(), 1, 3).view().span(), ElementsAre(2, 3, 4));
  const Tensor high = Tensor::Of({5, 1, 1}, {1, 2, 3, 4, 5});
  EXPECT_THAT(ResizeAndCrop(high.view(), 1, 1).view().span(), ElementsAre(3));
  Tensor photo(Shape{30, 40, 3});
  for (int64_t y = 0; y < 30; ++y) {
    for (int64_t x = 0; x < 40; ++x) {
      for (int64_t c = 0; c < 3; ++c) photo.data()[(y * 40 + x) * 3 + c] = static_cast<float>(x);
    }
  }
  const Tensor out = ResizeAndCrop(photo.view(), 15, 15);  // half of columns 5 to 35
  EXPECT_EQ(out.shape(), (Shape{15, 15, 3}));
  for (int64_t x = 0; x < 15; ++x) EXPECT_NEAR(out.data()[x * 3], 4.5 + 2 * static_cast<double>(x), 1.001);
}

TEST(Resize, RefusesSizesThatAreNone) {
  const Tensor in = Tensor::Zeros({2, 2, 1});
  EXPECT_THROW(Resize(in.view(), 0, 2), Error);
  EXPECT_THROW(ResizeAndCrop(in.view(), 2, -1), Error);
  EXPECT_THROW(Resize(Tensor::Zeros({2, 2}).view(), 2, 2), Error);
}

}  // namespace
}  // namespace convscope
