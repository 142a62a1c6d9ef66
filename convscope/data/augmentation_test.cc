#include "convscope/data/augmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor Moved(const Tensor& in, const Placement& placement, PadMode fill = PadMode::kZero) {
  Tensor out(in.shape());
  Move(in.view(), placement, fill, out.view());
  return out;
}

Placement Shifted(float down, float right) {
  return {.offset = {-down, -right}};
}

TEST(Move, LeavesAPictureThatStaysWhereItIs) {
  const Tensor in = Tensor::Of({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Moved(in, {}).view().span(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Move, ShiftsDownAndRightAndFillsAsAsked) {
  const Tensor in = Tensor::Of({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Moved(in, Shifted(1, 0)).view().span(), ElementsAre(0, 0, 0, 1, 2, 3));
  EXPECT_THAT(Moved(in, Shifted(0, 2)).view().span(), ElementsAre(0, 0, 1, 0, 0, 4));
  EXPECT_THAT(Moved(in, Shifted(0, 2), PadMode::kEdge).view().span(), ElementsAre(1, 1, 1, 4, 4, 4));
  EXPECT_THAT(Moved(in, Shifted(0, 2), PadMode::kReflect).view().span(), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(Moved(in, Shifted(0, 7), PadMode::kWrap).view().span(), ElementsAre(3, 1, 2, 6, 4, 5));
  // Four columns are a period of the reflection 1 2 3 2.
  EXPECT_THAT(Moved(in, Shifted(0, -5), PadMode::kReflect).view().span(), ElementsAre(2, 3, 2, 5, 6, 5));
}

TEST(Move, IsBilinearBetweenPixels) {
  const Tensor in = Tensor::Of({2, 2, 1}, {0, 4, 8, 12});
  EXPECT_THAT(Moved(in, Shifted(0, -0.25f), PadMode::kEdge).view().span(), ElementsAre(1, 4, 9, 12));
  EXPECT_THAT(Moved(in, Shifted(-0.5f, 0)).view().span(), ElementsAre(4, 8, 4, 6));
}

TEST(Move, KeepsChannelsApart) {
  const Tensor in = Tensor::Of({1, 2, 2}, {1, 10, 2, 20});
  EXPECT_THAT(Moved(in, Shifted(0, 1)).view().span(), ElementsAre(0, 0, 1, 10));
}

TEST(Move, ANaNStaysWithItsPixelWhereNothingIsInterpolated) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const Tensor out = Moved(Tensor::Of({1, 3, 1}, {kNaN, 1, 2}), {.matrix = {{1, 0}, {0, -1}}});
  EXPECT_EQ(out.data()[0], 2);
  EXPECT_EQ(out.data()[1], 1);
  EXPECT_TRUE(std::isnan(out.data()[2]));
}

// The placements that one kind of augmentation draws over many samples.
template <typename Look>
void ForMany(const Augmentation& augmentation, Look look) {
  for (uint64_t sample = 0; sample < 400; ++sample) {
    Random random(7, "test", 0, sample);
    look(DrawPlacement(augmentation, 20, 10, random));
  }
}

TEST(DrawPlacement, NothingAskedForIsNothingDone) {
  ForMany({}, [](const Placement& p) {
    EXPECT_EQ(p.matrix[0][0], 1);
    EXPECT_EQ(p.matrix[0][1], 0);
    EXPECT_EQ(p.matrix[1][0], 0);
    EXPECT_EQ(p.matrix[1][1], 1);
    EXPECT_EQ(p.offset[0], 0);
    EXPECT_EQ(p.offset[1], 0);
  });
}

TEST(DrawPlacement, ShiftsByAPartOfEachSide) {
  float most_down = 0, most_right = 0;
  ForMany({.shift = 0.25}, [&](const Placement& p) {
    most_down = std::max(most_down, std::abs(p.offset[0]));
    most_right = std::max(most_right, std::abs(p.offset[1]));
  });
  EXPECT_LE(most_down, 5);
  EXPECT_GT(most_down, 4.5);  // 400 draws stay below 0.9 of the range with probability 0.9^400
  EXPECT_LE(most_right, 2.5);
  EXPECT_GT(most_right, 2.25);
}

TEST(DrawPlacement, TurnsWithoutStretching) {
  float most = 0;
  ForMany({.rotate = 30}, [&](const Placement& p) {
    const float determinant = p.matrix[0][0] * p.matrix[1][1] - p.matrix[0][1] * p.matrix[1][0];
    EXPECT_NEAR(determinant, 1, 4 * std::numeric_limits<float>::epsilon());
    most = std::max(most, std::abs(std::atan2(p.matrix[0][1], p.matrix[0][0])));
  });
  EXPECT_LE(most, 30 * std::acos(-1.0) / 180 + 1e-6);
  EXPECT_GT(most, 27 * std::acos(-1.0) / 180);
}

TEST(DrawPlacement, ZoomsBothSidesAlike) {
  float largest = 0, smallest = 10;
  ForMany({.zoom = 0.2}, [&](const Placement& p) {
    EXPECT_EQ(p.matrix[0][0], p.matrix[1][1]);
    largest = std::max(largest, 1 / p.matrix[0][0]);
    smallest = std::min(smallest, 1 / p.matrix[0][0]);
  });
  EXPECT_NEAR(largest, 1.2, 0.02);
  EXPECT_NEAR(smallest, 0.8, 0.02);
}

TEST(DrawPlacement, FlipsHalfOfThePictures) {
  int mirrored = 0, upside_down = 0;
  ForMany({.flip_horizontal = true}, [&](const Placement& p) {
    mirrored += p.matrix[1][1] < 0 ? 1 : 0;
    upside_down += p.matrix[0][0] < 0 ? 1 : 0;
  });
  EXPECT_NEAR(mirrored, 200, 50);  // five standard deviations of 10
  EXPECT_EQ(upside_down, 0);
  const Tensor in = Tensor::Of({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Moved(in, {.matrix = {{1, 0}, {0, -1}}}).view().span(), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(Moved(in, {.matrix = {{-1, 0}, {0, 1}}}).view().span(), ElementsAre(4, 5, 6, 1, 2, 3));
}

TEST(DrawPlacement, OneKindOfChangeDoesNotAlterTheOthers) {
  for (uint64_t sample = 0; sample < 20; ++sample) {
    Random a(1, "test", 0, sample), b(1, "test", 0, sample);
    const Placement plain = DrawPlacement({.rotate = 10}, 8, 8, a);
    const Placement more = DrawPlacement({.shift = 0.5, .rotate = 10}, 8, 8, b);
    EXPECT_EQ(plain.matrix[0][1], more.matrix[0][1]);
  }
}

TEST(AddNoise, HasTheDeviationAskedFor) {
  Tensor picture = Tensor::Zeros({100, 100, 1});
  Random random(1, "test");
  AddNoise(picture.view(), 0.5, random);
  double sum = 0, squares = 0;
  for (const float value : picture.view().span()) {
    sum += value;
    squares += double{value} * value;
  }
  // Five standard errors: 0.5 / 100 of the mean, 0.25 * sqrt(2) / 100 of the variance.
  EXPECT_NEAR(sum / 1e4, 0, 5 * 0.005);
  EXPECT_NEAR(squares / 1e4, 0.25, 5 * 0.00354);
}

TEST(Check, RefusesAmountsOutOfRange) {
  const auto refused = [](const Augmentation& augmentation, const char* says) {
    try {
      Check(augmentation);
      ADD_FAILURE() << says;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  };
  refused({.shift = 1.5}, "shift must be 0 to 1");
  refused({.shift = -0.1}, "-0.1");
  refused({.rotate = 181}, "rotate must be 0 to 180");
  refused({.zoom = 1}, "zoom must be 0 to below 1");
  refused({.noise = -1}, "noise");
  refused({.noise = NAN}, "noise");
  Check({.shift = 1, .rotate = 180, .zoom = 0.99, .noise = 3});
}

}  // namespace
}  // namespace convscope
