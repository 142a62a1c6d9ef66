#include "convscope/tasks/training_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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
  EXPECT_THAT(chart.series[1].x, ElementsAre(1));  // the validation
}

TEST(CurvesFigure, StepsOfAFirstEpochThatHasBegunAreAPartOfIt) {
  const History history{.epochs = {}, .step_losses = {2, 1}, .step_accuracies = {0, 1}};
  const Figure figure = CurvesFigure(history, 8, "interrupted in its first epoch");
  EXPECT_THAT(std::get<ChartPlot>(figure.rows[0][0].content).series[0].x, ElementsAre(0.125, 0.25));
}

TEST(CurvesFigure, ASmoothedCurveLiesOnOneThatFalls) {
  History history;
  for (int i = 0; i < 200; ++i) {
    history.step_losses.push_back(static_cast<float>(200 - i));
    history.step_accuracies.push_back(0);
  }
  const Figure figure = CurvesFigure(history, 20, "falls");
  const auto& chart = std::get<ChartPlot>(figure.rows[0][0].content);
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[1].name, "smoothed");
  for (const size_t i : {50U, 100U, 150U}) EXPECT_NEAR(chart.series[1].y[i], chart.series[0].y[i], 1e-9) << i;
}

TEST(CurvesFigure, SmoothedValuesAreMeansOfBothSides) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const History history{.epochs = {}, .step_losses = {1, 0, nan, 8}, .step_accuracies = {3, 3, 3, 3}};
  const Figure figure = CurvesFigure(history, 20, "a weight of one half");
  const auto& loss = std::get<ChartPlot>(figure.rows[0][0].content).series[1].y;
  // By hand: 1 (itself), 1/2 a step away, 1/4, 1/8.
  EXPECT_NEAR(loss[0], (1 + 8 / 8.0) / (1 + 0.5 + 1 / 8.0), 1e-12);
  EXPECT_NEAR(loss[1], (0.5 + 8 / 4.0) / (0.5 + 1 + 1 / 4.0), 1e-12);
  EXPECT_TRUE(std::isnan(loss[2]));
  EXPECT_NEAR(loss[3], (1 / 8.0 + 8) / (1 / 8.0 + 1 / 4.0 + 1), 1e-12);
  EXPECT_THAT(std::get<ChartPlot>(figure.rows[0][1].content).series[1].y, ElementsAre(3, 3, 3, 3));
}

TEST(CurvesFigure, AnEpochOfFewStepsHasNoSmoothedCurve) {
  const History history{.epochs = {}, .step_losses = {2, 1}, .step_accuracies = {0, 1}};
  const Figure figure = CurvesFigure(history, 10, "few");
  EXPECT_EQ(std::get<ChartPlot>(figure.rows[0][0].content).series.size(), 1U);
}

TEST(ComparedCurvesFigure, SaysWhyItHasCurvesOfTheTraining) {
  const auto run = [](const char* name, bool validated) {
    return NamedHistory{name, {.epochs = {{.epoch = 1, .loss = 2, .has_validation = validated, .val_loss = 3}}}};
  };
  const std::vector<NamedHistory> mixed = {run("a", true), run("b", false)}, one = {run("a", true)};
  const Figure figure = ComparedCurvesFigure(mixed);
  EXPECT_EQ(figure.title, "2 runs");
  EXPECT_EQ(figure.rows[0][0].title, "Training: Loss");
  EXPECT_EQ(figure.footer, "curves of the training, since b had no validation");
  EXPECT_THAT(std::get<ChartPlot>(figure.rows[0][0].content).series[0].y, ElementsAre(2));
  EXPECT_EQ(ComparedCurvesFigure(one).title, "1 run");
  EXPECT_EQ(ComparedCurvesFigure(one).footer, "");
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
