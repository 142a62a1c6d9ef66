#include "convscope/tasks/attribute_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "convscope/figures/terminal.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

AttributedMap MapOf(AttributionMethod method, size_t for_class, Tensor values) {
  AttributedMap map;
  map.attribution.method = method;
  map.attribution.class_index = static_cast<int64_t>(for_class);
  map.attribution.raw = values.Clone();
  map.attribution.map = std::move(values);
  map.for_class = for_class;
  return map;
}

// Two classes, of which the second one has all of the evidence.
AttributedPicture TwoClasses() {
  AttributedPicture picture;
  picture.model = "small";
  picture.trained = false;
  picture.shown.source = "cat.png";
  picture.shown.picture = Tensor::Zeros({2, 2, 1});
  picture.predicted = {.number = 1, .name = "cat", .logit = 2, .probability = 0.75};
  picture.classes = {{.number = 0, .name = "dog", .logit = 1, .probability = 0.25}, picture.predicted};
  picture.layer = "conv";
  picture.layer_maps = {1, 1, 4};
  picture.maps.push_back(MapOf(AttributionMethod::kGradCam, 0, Tensor::Zeros({2, 2})));
  picture.maps.push_back(MapOf(AttributionMethod::kGradCam, 1, Tensor::Of({2, 2}, {0, 1, 2, 4})));
  picture.maps.push_back(MapOf(AttributionMethod::kOcclusion, 0, Tensor::Of({2, 2}, {0, 1, 2, 3})));
  picture.maps.push_back(MapOf(AttributionMethod::kOcclusion, 1, Tensor::Of({2, 2}, {0, -6, 0, 0})));
  return picture;
}

Scale ScaleAt(const Figure& figure, size_t row, size_t column) {
  return *std::get<MapPlot>(figure.rows.at(row).at(column).content).scale;
}

TEST(AttributeFigure, MapsOfAMethodHaveOneScaleFromZeroOrAboutZero) {
  const AttributedPicture picture = TwoClasses();
  const Figure figure = AttributeFigure(picture);
  ASSERT_EQ(figure.rows.size(), 3);  // the picture and the classes; a row a method, a column a class
  const Scale strength{ColorMap::kViridis, 0, 4}, opinion{ColorMap::kDiverging, -6, 6};
  for (const size_t column : {0, 1}) {
    EXPECT_EQ(ScaleAt(figure, 1, column), strength);
    EXPECT_EQ(ScaleAt(figure, 2, column), opinion);
  }
  EXPECT_EQ(figure.rows[1][1].title, "grad-cam of cat");
  EXPECT_EQ(figure.title, "small (untrained): predicted cat, 75.0 %; maps of layer conv");
}

TEST(AttributeFigure, OfScoresThatAreNoNumbersThereIsNoGap) {
  AttributedPicture picture = TwoClasses();
  picture.integration_baseline = "black";
  picture.maps[0].attribution.method = AttributionMethod::kIntegratedGradients;
  IntegratedGradients facts;
  facts.gap = facts.score = facts.allowed = std::nan("");
  picture.maps[0].attribution.integration = std::move(facts);
  EXPECT_THAT(AttributeFigure(picture).rows[1][0].caption, HasSubstr("no numbers"));
  EXPECT_THAT(AttributeText(picture), AllOf(HasSubstr("no gap"), Not(HasSubstr("nan"))));
}

TEST(AttributeFigure, WhatIsSignedIsSymmetricEvenWithoutNegativeValues) {
  AttributedPicture picture = TwoClasses();
  picture.maps.pop_back();
  EXPECT_EQ(ScaleAt(AttributeFigure(picture), 2, 0), (Scale{ColorMap::kDiverging, -3, 3}));
}

TEST(AttributeFigure, AFewLargePixelsDoNotHideTheOthers) {
  AttributedPicture picture = TwoClasses();
  Tensor pixels(Shape{64, 64});
  for (int64_t i = 0; i < pixels.size(); ++i) pixels.data()[i] = static_cast<float>(i);
  picture.maps.clear();
  picture.maps.push_back(MapOf(AttributionMethod::kSaliency, 0, std::move(pixels)));
  picture.maps.push_back(MapOf(AttributionMethod::kSaliency, 1, Tensor::Zeros({64, 64})));
  EXPECT_EQ(ScaleAt(AttributeFigure(picture), 1, 0), (Scale{ColorMap::kViridis, 0, 4013}));  // 98 % of 4095
}

TEST(AttributeFigure, ADeadMapIsSaidToBeAllZeroAndNotStretched) {
  AttributedPicture picture = TwoClasses();
  picture.classes.resize(1);
  picture.maps.resize(1);
  const Figure figure = AttributeFigure(picture);
  ASSERT_EQ(figure.rows.size(), 1);  // the picture, and the methods of one class beside it
  EXPECT_EQ(figure.rows[0][1].title, "grad-cam");
  EXPECT_EQ(figure.title, "small (untrained): dog, 25.0 %; predicted cat, 75.0 %; maps of layer conv");
  EXPECT_THAT(RenderForTerminal(figure, {.graphics = Terminal::Graphics::kPlain}), HasSubstr("all zero"));
  EXPECT_THAT(AttributeText(picture), HasSubstr("all zero"));
}

TEST(AttributeFigure, CurvesStandBesideTheRandomOne) {
  AttributedPicture picture = TwoClasses();
  const FaithfulnessCurve falls{.share = {0, 1}, .probability = {1, 0}, .area = 0.5};
  picture.random.assign(2, {falls, falls});
  for (AttributedMap& map : picture.maps) map.curves = FaithfulnessCurves{falls, falls};
  const Figure figure = AttributeFigure(picture);
  ASSERT_EQ(figure.rows.size(), 5);  // and a row a class
  const auto& chart = std::get<ChartPlot>(figure.rows[3][0].content);
  ASSERT_EQ(chart.series.size(), 3);
  EXPECT_EQ(chart.series[0].name, "grad-cam 0.500");
  EXPECT_EQ(chart.series[2].name, "random 0.500");
}

}  // namespace
}  // namespace convscope
