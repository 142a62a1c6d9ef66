#include "convscope/tasks/training_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <variant>
#include <vector>

namespace convscope {
namespace {

using ::testing::ElementsAre;

TEST(CurvesFigure, StepsOfAnEpochThatHasBegunStandBehindTheLastOne) {
  const History history{.epochs = {{.epoch = 1, .has_validation = true}},
                        .step_losses = {6, 5, 4, 3, 2, 1},
                        .step_accuracies = {0, 0, 0, 1, 1, 1}};
  const Figure figure = CurvesFigure(history, 4, "interrupted in its second epoch");
  const auto& chart = std::get<ChartPlot>(figure.rows[0][0].content);
  EXPECT_THAT(chart.series[0].x, ElementsAre(0.25, 0.5, 0.75, 1, 1.25, 1.5));
  EXPECT_THAT(chart.series[2].x, ElementsAre(1));  // the validation
}

TEST(CurvesFigure, StepsOfAFirstEpochThatHasBegunAreAPartOfIt) {
  const History history{.epochs = {}, .step_losses = {2, 1}, .step_accuracies = {0, 1}};
  const Figure figure = CurvesFigure(history, 8, "interrupted in its first epoch");
  EXPECT_THAT(std::get<ChartPlot>(figure.rows[0][0].content).series[0].x, ElementsAre(0.125, 0.25));
}

TEST(ConfusionFigure, OfManyClassesHasThoseThatOccur) {
  ClassificationCounts samples(1000, 1);
  Tensor scores = Tensor::Zeros({2, 1000});
  scores.data()[7] = scores.data()[1000 + 500] = 1;
  const std::vector<int32_t> labels = {7, 30};
  samples.Add(scores.view(), labels);
  const OwningFigure made = ConfusionFigure(samples, {}, "few of many");
  const auto& matrix = std::get<MatrixPlot>(made.figure.rows.at(0).at(0).content);
  EXPECT_EQ(matrix.values.shape(), (Shape{3, 3}));
  EXPECT_EQ(matrix.row_names, (std::vector<std::string>{"7", "30", "500"}));
  EXPECT_EQ(matrix.values[0], 1);
  EXPECT_EQ(matrix.values[3 + 2], 1);
  EXPECT_EQ(made.figure.footer, "997 of 1000 classes, which no picture is of or predicted as, are left out");
}

TEST(ConfusionFigure, CountsPicturesWithoutAClassAsWrong) {
  ClassificationCounts samples(2);
  Tensor scores({4, 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {0.9f, 0.1f, nan, nan, 0.2f, 0.8f, nan, 0.5f};
  std::copy(std::begin(values), std::end(values), scores.data());
  samples.Add(std::as_const(scores).view(), std::vector<int32_t>{0, 1, 1, 0});
  EXPECT_EQ(samples.without_class(), 2);
  const OwningFigure made = ConfusionFigure(samples, {"a", "b"}, "half of them are NaN");
  EXPECT_EQ(made.figure.rows[0][0].caption, "2 of 4 right, accuracy 0.5000");
  EXPECT_THAT(made.figure.footer, ::testing::StartsWith("2 of 4 pictures have scores that are NaN"));
}

}  // namespace
}  // namespace convscope
