// Filters in the order of their norms and in colour, where some are NaN; and what their kernel is called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <variant>

#include "convscope/figures/render.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/tasks/weights_figure.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Filters of 2 x 2 whose values are all 1, NaN, 4, NaN, 2, 3: norms twice as much.
Weights SixFilters(const std::string& parameter = "conv/kernel", int64_t channels = 1) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {1, nan, 4, nan, 2, 3};
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, channels}});
  builder.Parameter(parameter, {{2, 2, channels, 6}});
  builder.Add("conv", ConvOp{}, {"input", parameter});
  Tensor kernel({2, 2, channels, 6});
  for (int64_t i = 0; i < kernel.size(); ++i) kernel.data()[i] = values[i % 6];
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / ("norms_" + std::to_string(getpid()) + ".onnx");
  WriteOnnx({.model = Model(builder.Build(), {{parameter, Share(std::move(kernel))}}),
             .name = "six",
             .outputs = {"conv"},
             .notes = {}},
            path);
  WeightsRequest request;
  request.model = path.string();
  request.layers = {"conv"};
  Weights weights = ShowWeights(request);
  std::filesystem::remove(path);
  return weights;
}

TEST(FiltersInColour, OfNanAreMarkedAndNotGreyAsZerosAre) {
  const OwningFigure made = WeightsFigure(SixFilters("conv/kernel", 3));
  const GridPlot& grid = std::get<GridPlot>(made.figure.rows.at(0).at(0).content);
  ASSERT_TRUE(grid.colour);
  ASSERT_EQ(grid.values.shape(), (Shape{2, 2, 18}));
  const auto filter = [&](size_t label) {
    return std::find(grid.labels.begin(), grid.labels.end(), std::to_string(label)) - grid.labels.begin();
  };
  EXPECT_EQ(grid.values[filter(2) * 3], 1);  // brightest: all that it has is its largest
  EXPECT_TRUE(std::isnan(grid.values[filter(1) * 3]));
  EXPECT_TRUE(std::isnan(grid.values[filter(3) * 3 + 2]));
}

TEST(OrderOfNorms, PutsNanLastInTheChart) {
  const Weights weights = SixFilters();
  const OwningFigure made = WeightsFigure(weights);
  bool found = false;
  for (const std::vector<Panel>& row : made.figure.rows) {
    for (const Panel& panel : row) {
      if (panel.title != "conv: norm of each filter") continue;
      found = true;
      const std::vector<double>& norms = std::get<ChartPlot>(panel.content).series.at(0).y;
      ASSERT_EQ(norms.size(), 6u);
      EXPECT_THAT(std::vector<double>(norms.begin(), norms.begin() + 4), ElementsAre(8, 6, 4, 2));
      EXPECT_TRUE(std::isnan(norms[4]) && std::isnan(norms[5]));
    }
  }
  EXPECT_TRUE(found);
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(OrderOfNorms, TakesNoNanForOneOfTheStrongest) {
  const Weights weights = SixFilters();
  const std::string figure = EncodeSvg(WeightsFigure(weights, {.strongest = 3}).figure);
  for (const char* const name : {"filter 2", "filter 5", "filter 4"}) EXPECT_THAT(figure, HasSubstr(name));
  for (const char* const name : {"filter 1", "filter 3", "filter 0"}) EXPECT_THAT(figure, Not(HasSubstr(name)));
  EXPECT_LT(figure.find("filter 2"), figure.find("filter 5"));
  EXPECT_LT(figure.find("filter 5"), figure.find("filter 4"));
}

TEST(KernelTitle, NamesTheLayerOfAKernelThatAnExporterNumbered) {
  EXPECT_THAT(EncodeSvg(WeightsFigure(SixFilters("onnx::Conv_193")).figure), HasSubstr("conv (onnx::Conv_193)"));
  EXPECT_THAT(EncodeSvg(WeightsFigure(SixFilters("193")).figure), HasSubstr("conv (193)"));
  EXPECT_THAT(EncodeSvg(WeightsFigure(SixFilters()).figure), Not(HasSubstr("conv (")));
}

TEST(OrderOfNorms, TellsThoseThatAreNumbers) {
  EXPECT_THAT(WeightsText(SixFilters()), HasSubstr("norms 2 to 8, 2 NaN"));
}

}  // namespace
}  // namespace convscope
