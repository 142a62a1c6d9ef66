#include "convscope/train/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// True classes in rows:  5 1 0
//                        2 3 1
//                        0 0 0
ConfusionMatrix Example() {
  ConfusionMatrix matrix(3);
  matrix.Add(0, 0, 5);
  matrix.Add(0, 1);
  matrix.Add(1, 0, 2);
  matrix.Add(1, 1, 3);
  matrix.Add(1, 2);
  return matrix;
}

TEST(ConfusionMatrix, GivesPrecisionRecallAndF1) {
  const ConfusionMatrix matrix = Example();
  EXPECT_EQ(matrix.Total(), 12);
  EXPECT_EQ(matrix.Correct(), 8);
  EXPECT_EQ(matrix(1, 0), 2);
  EXPECT_DOUBLE_EQ(matrix.Precision(0), 5.0 / 7);
  EXPECT_DOUBLE_EQ(matrix.Recall(0), 5.0 / 6);
  EXPECT_DOUBLE_EQ(matrix.F1(0), 2 * (5.0 / 7) * (5.0 / 6) / (5.0 / 7 + 5.0 / 6));
  EXPECT_DOUBLE_EQ(matrix.Precision(1), 3.0 / 4);
  EXPECT_DOUBLE_EQ(matrix.Recall(1), 3.0 / 6);
  EXPECT_DOUBLE_EQ(matrix.Precision(), (5.0 / 7 + 3.0 / 4) / 3);
  EXPECT_DOUBLE_EQ(matrix.Recall(), (5.0 / 6 + 3.0 / 6) / 3);
  EXPECT_DOUBLE_EQ(matrix.F1(), (matrix.F1(0) + matrix.F1(1)) / 3);
}

TEST(ConfusionMatrix, AClassThatNeverOccursHasZeroes) {
  const ConfusionMatrix matrix = Example();
  EXPECT_EQ(matrix.Recall(2), 0);     // 0 / 0
  EXPECT_EQ(matrix.Precision(2), 0);  // 0 / 1
  EXPECT_EQ(ConfusionMatrix(2).F1(), 0);
}

TEST(ConfusionMatrix, TellsTheClassesThatOccur) {
  ConfusionMatrix matrix(5);
  EXPECT_TRUE(matrix.Occurring().empty());
  matrix.Add(3, 1);
  matrix.Add(3, 3);
  EXPECT_EQ(matrix.Occurring(), (std::vector<int64_t>{1, 3}));
}

TEST(ConfusionMatrix, IsAddedToAnother) {
  ConfusionMatrix sum = Example();
  sum.Add(Example());
  EXPECT_EQ(sum(0, 0), 10);
  EXPECT_EQ(sum.Total(), 24);
  EXPECT_THROW(sum.Add(ConfusionMatrix(4)), Error);
  EXPECT_THROW(ConfusionMatrix(1), Error);
}

TEST(ClassificationCounts, CountsTheLargestScoreAndTheTopOnes) {
  ClassificationCounts counts(4, 2);
  const Tensor scores =
      Tensor::Of({4, 4}, {0.1f, 0.6f, 0.2f, 0.1f,    // 1 right
                          0.5f, 0.1f, 0.1f, 0.3f,    // second right
                          0.4f, 0.3f, 0.2f, 0.1f,    // wrong
                          0.5f, 0.5f, 0.5f, 0.1f});  // three tie: the first is predicted, two are the top
  const std::vector<int32_t> labels = {1, 3, 3, 2};
  counts.Add(scores.view(), labels);
  EXPECT_EQ(counts.total(), 4);
  EXPECT_EQ(counts.correct(), 1);
  EXPECT_EQ(counts.top_correct(), 2);
  EXPECT_DOUBLE_EQ(counts.Accuracy(), 0.25);
  EXPECT_DOUBLE_EQ(counts.TopAccuracy(), 0.5);
  EXPECT_EQ(counts.confusion()(3, 0), 2);
  EXPECT_EQ(counts.confusion()(2, 0), 1);
}

TEST(ClassificationCounts, OneScoreTellsTwoClassesApart) {
  ClassificationCounts counts(2);
  const Tensor scores = Tensor::Of({4, 1}, {0.7f, 0.4f, 0.5f, 0.9f});
  counts.Add(scores.view(), std::vector<int32_t>{1, 0, 1, 0});
  EXPECT_EQ(counts.correct(), 2);
  EXPECT_EQ(counts.confusion()(1, 0), 1);
  EXPECT_EQ(counts.confusion()(0, 1), 1);
  ClassificationCounts logits(2);
  logits.Add(Tensor::Of({2, 1}, {0.2f, -0.2f}).view(), std::vector<int32_t>{1, 0}, 0);
  EXPECT_EQ(logits.correct(), 2);
}

TEST(ClassificationCounts, OfEqualScoresTheFirstAreTheTop) {
  ClassificationCounts counts(10, 5);
  const Tensor scores = Tensor::Zeros({10, 10});
  const std::vector<int32_t> labels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  counts.Add(scores.view(), labels);
  EXPECT_EQ(counts.correct(), 1);
  EXPECT_EQ(counts.top_correct(), 5);
}

TEST(ClassificationCounts, AScoreThatIsNoNumberIsNotAmongTheTop) {
  ClassificationCounts counts(3, 3);
  counts.Add(Tensor::Of({1, 3}, {0, NAN, 1}).view(), std::vector<int32_t>{1});
  EXPECT_EQ(counts.top_correct(), 0);
  EXPECT_EQ(counts.correct(), 0);
}

TEST(ClassificationCounts, ASampleWithAScoreThatIsNoNumberHasNoClass) {
  ClassificationCounts counts(2, 2), binary(2);
  // The first class is what the largest of NaNs would be taken for.
  counts.Add(Tensor::Of({2, 2}, {NAN, NAN, 1, 0}).view(), std::vector<int32_t>{0, 0});
  EXPECT_EQ(counts.total(), 2);
  EXPECT_EQ(counts.correct(), 1);
  EXPECT_EQ(counts.top_correct(), 1);
  EXPECT_EQ(counts.confusion().Total(), 1);
  EXPECT_EQ(counts.Accuracy(), 0.5);
  binary.Add(Tensor::Of({1, 1}, {NAN}).view(), std::vector<int32_t>{0});
  EXPECT_EQ(binary.correct(), 0);
  EXPECT_EQ(binary.confusion().Total(), 0);
}

TEST(ClassificationCounts, RefusesOtherShapesAndLabels) {
  ClassificationCounts counts(3);
  const auto error_of = [&](const Shape& shape, std::vector<int32_t> labels) -> std::string {
    try {
      counts.Add(Tensor::Zeros(shape).view(), labels);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error_of({2, 4}, {0, 1}), HasSubstr("a score for each class, (2, 3); received (2, 4)"));
  EXPECT_THAT(error_of({1, 1}, {0}), HasSubstr("received (1, 1)"));
  EXPECT_THAT(error_of({1, 3}, {3}), HasSubstr("a label is in 0 to 2; received 3"));
  EXPECT_THAT(error_of({1, 3}, {-1}), HasSubstr("received -1"));
  EXPECT_THROW(ClassificationCounts(3, 4), Error);
  EXPECT_EQ(counts.total(), 0);
}

}  // namespace
}  // namespace convscope
