#include "convscope/image/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

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

TEST(Resize, NeverExceedsWhatItIsMadeOf) {
  Tensor white(Shape{7, 401, 1});
  std::fill_n(white.data(), white.size(), 1.0f);
  for (const int64_t width : {13, 97, 224, 300}) {
    const Tensor out = Resize(white.view(), 5, width);
    for (const float value : out.view().span()) EXPECT_EQ(value, 1.0f);
  }
}

TEST(ResizeAndCrop, CutsAPartOutOfTheMiddle) {
  // 4 of 8, unscaled: what torchvision's resize to 8 and centre crop of 4 leave.
  Tensor in(Shape{8, 8, 1});
  for (int64_t i = 0; i < in.size(); ++i) in.data()[i] = static_cast<float>(i);
  const Tensor out = ResizeAndCrop(in.view(), 4, 4, 0.5);
  EXPECT_THAT(out.view().span().subspan(0, 4), ElementsAre(18, 19, 20, 21));
  EXPECT_FLOAT_EQ(out.data()[15], 45);
  EXPECT_EQ(ResizeAndCrop(in.view(), 4, 4, 1.0 / 16).shape(), (Shape{4, 4, 1}));
  for (const double part : {0.0, -1.0, 0.06, 1e-9, 1.1, std::nan("")})
    EXPECT_THROW(ResizeAndCrop(in.view(), 4, 4, part), Error);
}

// Where torchvision's Resize(256) and CenterCrop(224) take a picture from: int(256 * long / short), and the middle with
// Python's round.
TEST(ResizeAndCrop, RoundsAsTorchvision) {
  struct Case {
    int64_t height, width, scaled_width, left;
  };
  // 400 x 600: 384 wide, not rounded up to 384; 300 x 451: 384.85 is 384; 10 x 16: 409.6 is 409, and 92.5 is 92.
  for (const Case& given : {Case{400, 600, 384, 80}, Case{300, 451, 384, 80}, Case{10, 16, 409, 92},
                            Case{500, 503, 257, 16}, Case{500, 507, 259, 18}}) {
    Tensor columns(Shape{given.height, given.width, 1});
    for (int64_t i = 0; i < columns.size(); ++i) columns.data()[i] = static_cast<float>(i % given.width);
    const Tensor whole = Resize(std::as_const(columns).view(), 256, given.scaled_width);
    const Tensor middle = ResizeAndCrop(std::as_const(columns).view(), 224, 224, 224.0 / 256);
    for (const int64_t x : {0, 223}) {
      EXPECT_EQ(middle.data()[x], whole.data()[16 * given.scaled_width + given.left + x]) << given.width;
    }
  }
}

TEST(FitPicture, IsWhatTheFitMeans) {
  const Tensor wide = Tensor::Of({1, 4, 1}, {1, 2, 3, 4});
  const auto fitted = [&](PictureFit fit) {
    const Tensor made = FitPicture(wide.view(), 1, 2, fit, 1);
    return std::vector<float>(made.data(), made.data() + made.size());
  };
  EXPECT_THAT(fitted(PictureFit::kCover), ElementsAre(2, 3));
  EXPECT_EQ(fitted(PictureFit::kStretch), fitted(PictureFit::kPad));  // half a row is a row
  EXPECT_EQ(FitPicture(wide.view(), 8, 4, PictureFit::kPad, 1).data()[0], 0);
}

TEST(ResizeAndPad, KeepsAllOfThePictureInTheMiddle) {
  const Tensor wide = Tensor::Of({1, 4, 1}, {1, 2, 3, 4});
  EXPECT_THAT(ResizeAndPad(wide.view(), 3, 4).view().span(), ElementsAre(0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0));
  const Tensor high = Tensor::Of({2, 1, 2}, {1, 2, 3, 4});
  EXPECT_THAT(ResizeAndPad(high.view(), 2, 2).view().span(), ElementsAre(1, 2, 0, 0, 3, 4, 0, 0));
  EXPECT_EQ(ResizeAndPad(Tensor::Zeros(Shape{1, 1000, 3}).view(), 5, 5).shape(), (Shape{5, 5, 3}));
  EXPECT_THROW(ResizeAndPad(wide.view(), 0, 4), Error);
}

TEST(Resize, RefusesSizesThatAreNone) {
  const Tensor in = Tensor::Zeros({2, 2, 1});
  EXPECT_THROW(Resize(in.view(), 0, 2), Error);
  EXPECT_THROW(ResizeAndCrop(in.view(), 2, -1), Error);
  EXPECT_THROW(Resize(Tensor::Zeros({2, 2}).view(), 2, 2), Error);
}

}  // namespace
}  // namespace convscope
