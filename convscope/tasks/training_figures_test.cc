#include "convscope/tasks/training_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

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

}  // namespace
}  // namespace convscope
