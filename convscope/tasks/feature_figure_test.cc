#include "convscope/tasks/feature_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/figures/layout.h"
#include "convscope/figures/render.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/tasks/number_table.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// input (1, 4, 4, 1) -> conv/pre_activation -> conv (1, 4, 4, channels) -> flat, with filters 1, 2, 3, ... but for
// those that `kernel` changes.
Features Shown(int64_t channels, float first_filter = 1) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  builder.Parameter("kernel", {{1, 1, 1, channels}});
  builder.Add("conv", ConvOp{}, {"input", "kernel"}, {"conv/pre_activation"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv/pre_activation"}, {"conv"});
  builder.Add("flat", ReshapeOp{}, {"conv"});
  Tensor kernel({1, 1, 1, channels});
  for (int64_t c = 0; c < channels; ++c) kernel.data()[c] = c == 0 ? first_filter : static_cast<float>(c + 1);
  Tensor picture({4, 4, 1});
  for (int64_t i = 0; i < 16; ++i) picture.data()[i] = static_cast<float>(i) / 16 - 0.25F;
  Model model(builder.Build(), {{"kernel", Share(std::move(kernel))}});
  SharedTensor input = Share(Tensor::Of({1, 4, 4, 1}, picture.view().span()));
  Trace trace(model, {{"input", input}});
  return {.model = {.file = {.model = std::move(model), .name = "small", .outputs = {"flat"}}, .network = {}},
          .shown = {.source = "folder/ramp.png", .picture = std::move(picture), .input = input},
          .trace = std::move(trace),
          .layers = {"conv"},
          .chosen = true};
}

const GridPlot& GridOf(const OwningFigure& figure, size_t row, size_t column = 0) {
  return std::get<GridPlot>(figure.figure.rows.at(row).at(column).content);
}

TEST(FeatureFigure, AGridHoldsAllMapsOfALayerOnOneScale) {
  const Features features = Shown(64);
  const OwningFigure figure = LayersFigure(features);
  EXPECT_EQ(figure.figure.title, "small on ramp.png");
  EXPECT_EQ(GridOf(figure, 1).values.shape(), Shape({4, 4, 64}));
  EXPECT_EQ(GridOf(figure, 1).scaling, GridPlot::Scaling::kGiven);
  EXPECT_THAT(EncodeSvg(figure.figure), HasSubstr("one scale for all 64 maps"));
}

TEST(FeatureFigure, MapsBeforeTheActivationStandBeforeThoseAfter) {
  const Features features = Shown(2);
  const OwningFigure figure = LayersFigure(features, {.mean = true, .before = true});
  EXPECT_THAT(figure.figure.rows[1][0].title, HasSubstr("conv/pre_activation"));
  EXPECT_LT(GridOf(figure, 1, 0).values[0], 0);
  EXPECT_EQ(GridOf(figure, 1, 1).values[0], 0);
  // Filters 1 and 2 of -0.25: the mean is -0.375.
  EXPECT_FLOAT_EQ(std::get<MapPlot>(figure.figure.rows[0][1].content).values[0], -0.375F);
}

TEST(FeatureFigure, ALayersColoursAreThoseOfWhatMadeItWhateverItsValuesAre) {
  Features bright = Shown(2, -1);
  bright.layers = {"conv/pre_activation", "conv"};
  for (const MapScaling scaling : {MapScaling::kMap, MapScaling::kLayer}) {
    const OwningFigure figure = LayersFigure(bright, {.scaling = scaling});
    EXPECT_EQ(GridOf(figure, 1).scale.map, ColorMap::kDiverging);
    EXPECT_EQ(GridOf(figure, 2).scale.map, ColorMap::kViridis);
  }
  const Features dead = Shown(1, 0);
  EXPECT_EQ(GridOf(LayersFigure(dead), 1).scale, (Scale{ColorMap::kViridis, 0, 1}));
}

// What a network for super-resolution ends in: grey, with a value beyond white and one beyond black.
TEST(FeatureFigure, AnOutputThatIsAPictureIsDrawnAsOne) {
  for (const float white : {1.0f, 255.0f}) {
    Features features = Shown(1, 1.3f * white);
    const float least = features.trace["conv/pre_activation"].data()[0];
    ASSERT_LT(least, -0.1f * white);
    features.model.file.outputs = {"conv"};  // behind the ReLU: 0 to 0.89
    const auto plot = [&](const std::string& layer) {
      return std::get<MapPlot>(LayersFigure(features, {}, {layer}).figure.rows.at(1).at(0).content);
    };
    EXPECT_EQ(plot("conv").scale, PhotographScale());
    EXPECT_EQ(LayersFigure(features, {}, {"conv"}).figure.rows.at(1).at(0).caption,
              white == 1 ? "0 is black, 1 is white" : "divided by 255: 0 is black, 1 is white");
    EXPECT_EQ(std::get<MapPlot>(OverviewFigure(features).figure.rows.at(0).at(1).content).scale, PhotographScale());
    features.model.file.outputs = {"conv/pre_activation"};  // signed: maps as any
    EXPECT_NO_THROW(
        std::get<GridPlot>(LayersFigure(features, {}, {"conv/pre_activation"}).figure.rows.at(1).at(0).content));
    features.model.file.outputs = {"flat"};  // no output: nor this
    EXPECT_NO_THROW(std::get<GridPlot>(LayersFigure(features, {}, {"conv"}).figure.rows.at(1).at(0).content));
  }
}

TEST(FeatureFigure, OneGlobalScaleHoldsTheValuesOfEveryLayer) {
  Features features = Shown(2);
  features.layers = {"conv", "conv/pre_activation"};
  const OwningFigure figure = LayersFigure(features, {.scaling = MapScaling::kGlobal});
  EXPECT_EQ(GridOf(figure, 1).scale, GridOf(figure, 2).scale);
  EXPECT_EQ(GridOf(figure, 1).scale.map, ColorMap::kDiverging);
  EXPECT_FLOAT_EQ(GridOf(figure, 1).scale.high, 2 * (15.0F / 16 - 0.25F));
}

TEST(FeatureFigure, OfThousandsOfMapsAPartIsDrawnAndNamed) {
  const Features features = Shown(2048);
  const OwningFigure figure = LayersFigure(features, {.first = 2000});
  EXPECT_THAT(figure.figure.rows[1][0].title, HasSubstr("maps 2000 to 2047 of 2048"));
  EXPECT_FLOAT_EQ(GridOf(figure, 1).values[15 * 48], 2001 * (15.0F / 16 - 0.25F));
  EXPECT_EQ(GridOf(figure, 1).first, 2000);
  EXPECT_THROW(LayersFigure(features, {.first = 2048}), Error);
}

TEST(FeatureFigure, AChannelThatThereIsNotIsRefused) {
  const Features features = Shown(2);
  EXPECT_THROW(LayersFigure(features, {.channels = {2}}), Error);
}

TEST(FeatureFigure, ChosenUnitsOfALayerWithoutPlacesAreThoseUnits) {
  Features features = Shown(2);
  features.layers = {"flat"};
  features.model.file.outputs = {"conv"};  // else they would be the scores of classes
  const OwningFigure few = LayersFigure(features, {.channels = {31, 1}});
  const auto& bars = std::get<BarPlot>(few.figure.rows[1][0].content);
  EXPECT_EQ(bars.names, (std::vector<std::string>{"31", "1"}));
  EXPECT_FLOAT_EQ(static_cast<float>(bars.values[0]), 2 * (15.0F / 16 - 0.25F));
  EXPECT_EQ(bars.values[1], 0);
  EXPECT_EQ(LayersFigure(features, {.channels = {3}}).figure.rows[1][0].title, "flat: unit 3 of 32");
  try {
    LayersFigure(features, {.channels = {0, 32}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("0 to 31"));
    EXPECT_THAT(error.what(), HasSubstr("32"));
  }
  Features broken = Shown(2, std::numeric_limits<float>::quiet_NaN());
  broken.layers = {"flat"};
  broken.model.file.outputs = {"conv"};
  const OwningFigure map = LayersFigure(broken, {.channels = {0, 31}});
  EXPECT_EQ(std::get<MapPlot>(map.figure.rows[1][0].content).values.shape(), Shape({1, 2}));
  EXPECT_THAT(map.figure.rows[1][0].caption, HasSubstr("units 0, 31 in rows of 2"));
}

TEST(FeatureFigure, ATableOfUnitsShowsTheOneChosenOrAll) {
  Features features = Shown(2);
  features.layers = {"flat"};
  EXPECT_EQ(TableOf(features).map.shape(), Shape({1, 32}));
  const LayerTable one = TableOf(features, 31);
  EXPECT_EQ(one.map.shape(), Shape({1, 1}));
  EXPECT_FLOAT_EQ(one.map.data()[0], 2 * (15.0F / 16 - 0.25F));
  EXPECT_EQ(one.title, "flat, unit 31 of folder/ramp.png");
  EXPECT_THROW(TableOf(features, 32), Error);
}

TEST(FeatureFigure, DeadMapsAreZeroAndMapsOfNanAreMarked) {
  const Features dead = Shown(1, 0);
  EXPECT_THAT(EncodeSvg(LayersFigure(dead, {.channels = {0}}).figure), HasSubstr("all zero"));
  const Features broken = Shown(1, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(EncodeSvg(LayersFigure(broken).figure), HasSubstr("(magenta)"));
  EXPECT_NO_THROW(EncodeSvg(OverviewFigure(broken).figure));
}

TEST(FeatureFigure, AMapOfOnePlaceIsAUnitAndNotDead) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  builder.Add("pool", PoolOp{.sizes = {4}}, {"input"});
  Features features = Shown(1);
  features.layers = {"pool"};
  Model model(builder.Build(), {});
  features.trace = Trace(model, {{"input", Share(Tensor::Zeros({1, 4, 4, 1}))}});
  features.model.file = {.model = std::move(model), .name = "tiny", .outputs = {"pool"}};
  EXPECT_THAT(FeaturesText(features), HasSubstr("100%  -\n"));
  EXPECT_EQ(std::get<BarPlot>(LayersFigure(features).figure.rows[1][0].content).names.size(), 1u);
}

TEST(FeatureFigure, UnitsFewAreBarsAndManyAreAHeatMapOfThemAll) {
  Features features = Shown(2);
  features.layers = {"flat"};
  EXPECT_EQ(std::get<BarPlot>(LayersFigure(features).figure.rows[1][0].content).values.size(), 32);
  Features wide = Shown(7);
  wide.layers = {"flat"};
  wide.model.file.outputs = {"conv"};  // else it would be the scores of classes
  const OwningFigure figure = LayersFigure(wide);
  EXPECT_EQ(std::get<MapPlot>(figure.figure.rows[1][0].content).values.shape(), Shape({8, 14}));
}

// Twenty layers of one line each.
Features ShownWide() {
  GraphBuilder builder;
  builder.Input("input", {{1, 2, 60, 1}});
  std::string last = "input";
  Features features = Shown(1);
  features.layers.clear();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "layer " + std::to_string(i);
    builder.Add(name, ActivationOp{MakeActivation(ActivationKind::kTanh)}, {last});
    features.layers.push_back(last = name);
  }
  Model model(builder.Build(), {});
  features.trace = Trace(model, {{"input", Share(Tensor::Zeros({1, 2, 60, 1}))}});
  features.model.file = {.model = std::move(model), .name = "wide", .outputs = {last}};
  return features;
}

TEST(FeatureFigure, AnOverviewOfWideMapsStaysOnAPageAndSaysWhatItLeavesOut) {
  const Features features = ShownWide();
  const OwningFigure figure = OverviewFigure(features);
  const Scene page = LayOut(figure.figure);
  EXPECT_LE(page.height, 2 * page.width);
  EXPECT_GE(page.height, page.width);
  const std::vector<Panel>& row = figure.figure.rows[0];
  EXPECT_LT(row.size(), 21u);
  EXPECT_THAT(row[1].title, HasSubstr("layer 0:"));
  EXPECT_THAT(row.back().title, HasSubstr("layer 19:"));
  EXPECT_THAT(figure.figure.footer, HasSubstr("of 20 layers"));
}

TEST(FeatureFigure, OfTheScoresOfManyClassesTheHighestAreNamed) {
  Features features = Shown(7);
  features.layers = {"flat"};
  const OwningFigure figure = LayersFigure(features);
  const auto& bars = std::get<BarPlot>(figure.figure.rows[1][0].content);
  EXPECT_EQ(bars.values.size(), 10);
  EXPECT_EQ(bars.names[0], "class 111");  // the last filter, at the brightest pixel
}

}  // namespace
}  // namespace convscope
