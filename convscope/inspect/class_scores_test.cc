#include "convscope/inspect/class_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace convscope {
namespace {

using ::testing::ElementsAre;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(ClassScores, OfOneScoreAreThoseOfTwoClasses) {
  EXPECT_THAT(ClassScores(std::vector<float>{0.25f}, true), ElementsAre(0.75f, 0.25f));
  EXPECT_THAT(ClassScores(std::vector<float>{2.0f}, false), ElementsAre(-2.0f, 2.0f));
  EXPECT_THAT(ClassScores(std::vector<float>{1, 2, 3}, false), ElementsAre(1.0f, 2.0f, 3.0f));
}

TEST(ClassOrder, GoesFromTheHighestToTheLowestAndThenToNaN) {
  EXPECT_THAT(ClassOrder(std::vector<float>{1, 3, 2, 3}), ElementsAre(1, 3, 2, 0));
  EXPECT_THAT(ClassOrder(std::vector<float>{kNaN, -kInf, 5, kNaN, kInf}), ElementsAre(4, 2, 1, 0, 3));
}

TEST(NothingText, CountsWhatIsNaN) {
  const std::vector<float> scores = {kNaN, 1, kInf};
  EXPECT_EQ(NanCount(scores), 1);
  EXPECT_EQ(HighestCount(scores), 0);
  EXPECT_EQ(NothingText(scores), "nothing: 1 of 3 scores are NaN");
}

TEST(NothingText, CallsATieNoVerdict) {
  EXPECT_EQ(NothingText(std::vector<float>{1, 3, 2}), "");
  EXPECT_EQ(HighestCount(std::vector<float>{1, 3, 2}), 1);
  EXPECT_EQ(NothingText(std::vector<float>{3, 1, 3}), "nothing: 2 of 3 classes share the highest score");
}

}  // namespace
}  // namespace convscope
