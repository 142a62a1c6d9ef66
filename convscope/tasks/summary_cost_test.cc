#include "convscope/tasks/summary_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Figure FigureOf(std::vector<std::string> names, ReceptiveField field) {
  NetworkSummary summary{.name = "net"};
  MeasuredCost cost{.peak_gflops = 100};
  for (std::string& name : names) {
    summary.layers.push_back({.name = std::move(name), .class_name = "Conv", .output = {1}, .receptive_field = field});
    cost.milliseconds.push_back(1);
  }
  return CostFigure(summary, cost);
}

TEST(CostFigure, LeavesAwayTheFolderThatAllNamesShareAndTellsIt) {
  const Figure figure = FigureOf({"/backbone/stage1/conv", "/backbone/stage10/conv"}, {.size = {3, 3}});
  EXPECT_THAT(std::get<BarPlot>(figure.rows[0][0].content).names, ElementsAre("stage1/conv", "stage10/conv"));
  EXPECT_THAT(figure.footer, HasSubstr("names begin with /backbone/"));
  const Figure other = FigureOf({"conv1", "conv2"}, {.size = {3, 3}});
  EXPECT_THAT(std::get<BarPlot>(other.rows[0][0].content).names, ElementsAre("conv1", "conv2"));
  EXPECT_THAT(other.footer, Not(HasSubstr("names begin")));
}

TEST(CostFigure, WritesNoMoreDigitsThanCanBeRead) {
  NetworkSummary summary{.name = "net"};
  summary.layers.push_back(
      {.name = "dense", .output = {1}, .parameters = 37'752'832, .receptive_field = {.size = {3}}});
  const Figure figure = CostFigure(summary, {.milliseconds = {0.0028134}, .peak_gflops = 100}, false);
  EXPECT_THAT(std::get<BarPlot>(figure.rows[0][0].content).written, ElementsAre("0.00281"));
  EXPECT_THAT(std::get<BarPlot>(figure.rows[1][0].content).written, ElementsAre("37,753"));
  EXPECT_EQ(figure.title, "net (untrained): cost of one sample by layer");
}

TEST(CostFigure, LeavesAwayWhatAllRowsShareAndNotWhatSomeDo) {
  NetworkSummary summary{.name = "net"};
  summary.layers.push_back({.name = "/a/b/conv", .output = {1}, .receptive_field = {.size = {3, 3}}});
  summary.layers.push_back({.name = "/a/mean", .output = {1}});  // sees all of the picture
  const Figure figure = CostFigure(summary, {.milliseconds = {1, 1}, .peak_gflops = 100});
  const auto& fields = std::get<BarPlot>(figure.rows[1][2].content);
  EXPECT_THAT(fields.values, ElementsAre(3, 0));
  EXPECT_THAT(fields.written, ElementsAre("3", "all"));
  EXPECT_THAT(figure.footer, HasSubstr("names begin with /a/"));
  EXPECT_THAT(FigureOf({}, {}).footer, Not(HasSubstr("names begin")));
}

TEST(CostFigure, TellsFieldsLargerThanThePictureInTheirPixels) {
  const Figure figure = FigureOf({"conv"}, {.size = {224, 224}, .unbounded = {435, 435}});
  const Panel& fields = figure.rows[1][2];
  EXPECT_THAT(std::get<BarPlot>(fields.content).values, ElementsAre(435));
  EXPECT_THAT(fields.caption, HasSubstr("larger than the picture"));
  EXPECT_THAT(FigureOf({"conv"}, {.size = {3, 3}}).rows[1][2].caption, Not(HasSubstr("larger")));
}

}  // namespace
}  // namespace convscope
