#include "convscope/graph/picture_scale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PictureScaleTest, WithoutPreprocessingIsThePictureItself) {
  for (const double white : {255.0, 1.0}) {
    const PictureScale scale = ScaleOf({}, 2, white);
    EXPECT_THAT(scale.gain, ElementsAre(1, 1));
    EXPECT_THAT(scale.offset, ElementsAre(0, 0));
  }
}

TEST(PictureScaleTest, IsStoredOverDivisorLessMeanOverDeviation) {
  const PictureScale scale = ScaleOf({.divisor = 127.5, .mean = {1}, .deviation = {0.5, 2}}, 2, 255);
  EXPECT_THAT(scale.gain, ElementsAre(4, 1));  // 255 / 127.5 / deviation
  EXPECT_THAT(scale.offset, ElementsAre(-2, -0.5));
  EXPECT_THAT(ScaleOf({.divisor = 0.5, .mean = {}, .deviation = {}}, 1, 1).gain, ElementsAre(2));
}

TEST(PictureScaleTest, RefusesAnotherNumberThanOneOrOneAChannel) {
  EXPECT_THAT(
      [] {
        ScaleOf({.divisor = 0, .mean = {0, 0}, .deviation = {}}, 3, 255);
      },
      ::testing::ThrowsMessage<Error>(HasSubstr("one mean, or one for each of the 3 channels; received 2")));
}

}  // namespace
}  // namespace convscope
