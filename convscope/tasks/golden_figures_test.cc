// The figures of tasks that stand for many others, as they were drawn when somebody looked at them.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "convscope/figures/internal/golden_check.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/confusion_sheet.h"
#include "convscope/tasks/internal/film_strip.h"
#include "convscope/tasks/summary_cost.h"
#include "convscope/tasks/weights_figure.h"

namespace convscope {
namespace {

void ExpectFigure(const std::string& name, const Figure& figure) {
  if (!internal::HasDejaVuSans()) GTEST_SKIP() << "needs the font DejaVu Sans";
  internal::ExpectGolden("convscope/tasks/testdata/" + name, EncodePng(figure, {.pixels_per_point = 1}));
}

// Two filters of two channels that grow out of nothing, two maps and three classes, at four steps.
TEST(GoldenFigures, AFilmStripLooksAsItDid) {
  std::vector<internal::FilmFrame> frames;
  for (int step = 0; step < 4; ++step) {
    internal::FilmFrame frame{.step = 50 * step, .planes = Tensor({3, 3, 4}), .maps = {}, .scores = {}};
    for (int64_t i = 0; i < frame.planes.size(); ++i) {
      frame.planes.data()[i] = static_cast<float>(step) / 3 * (static_cast<float>(i * 7 % 11) / 5 - 1);
    }
    for (int map = 0; map < 2; ++map) {
      Tensor& values = frame.maps.emplace_back(Shape{8, 8});
      for (int64_t i = 0; i < 64; ++i) {
        values.data()[i] = static_cast<float>(step * (map == 0 ? i % 8 : i / 8)) / 21;
      }
    }
    const float sure = 0.3f + 0.2f * static_cast<float>(step);
    frame.scores = {sure, 0.7f * (1 - sure), 0.3f * (1 - sure)};
    frames.push_back(std::move(frame));
  }
  Tensor picture({8, 8, 1});
  for (int64_t i = 0; i < 64; ++i) picture.data()[i] = (i % 8 + i / 8) % 3 == 0 ? 0.9f : 0.1f;
  internal::FilmStrip strip{.title = "a network that learns",
                            .filters = "conv/kernel",
                            .channels = 2,
                            .all_planes = 4,
                            .filter_scale = {ColorMap::kDiverging, -1, 1},
                            .map_scale = {ColorMap::kViridis, 0, 1},
                            .layer = "conv",
                            .map_names = {"map 0", "map 1"},
                            .picture = std::as_const(picture).view(),
                            .picture_caption = "is: cat",
                            .class_names = {"cat", "dog", "cow"},
                            .truth = 0,
                            .probabilities = true};
  ExpectFigure("film_strip.png", internal::StripFigure(strip, frames).figure);
}

// A convolution, what follows it, and a layer with nothing to count.
TEST(GoldenFigures, TheCostOfANetworkLooksAsItDid) {
  const auto layer = [](const char* name, int64_t parameters, int64_t multiply_adds, std::vector<int64_t> field,
                        int64_t bytes) {
    LayerSummary summary{.name = name, .class_name = "", .output = {1}};
    summary.parameters = parameters;
    summary.multiply_adds = multiply_adds;
    summary.receptive_field.size = std::move(field);
    summary.activation_bytes = bytes;
    return summary;
  };
  const NetworkSummary summary{.name = "small",
                               .layers = {layer("conv_layer_1/pre_activation", 640, 389376, {3, 3}, 173056),
                                          layer("conv_layer_1", 0, 0, {3, 3}, 173056),
                                          layer("flatten", 0, 0, {3, 3}, 0), layer("dense", 204928, 204800, {}, 512)}};
  ExpectFigure("cost.png",
               CostFigure(summary, {.milliseconds = {0.05, 0.02, 0, 0.125}, .peak_gflops = 100, .threads = 2}));
}

TEST(GoldenFigures, TheConfusionSheetLooksAsItDid) {
  const OpenDataOptions data{.source = internal::SourceFile("data/fashion-mnist-small")};
  ExpectFigure("sheet.png", MakeConfusionSheet({.model = "fashion-cnn", .data = data}).figure);
}

// Two convolutions: the first one's filters with their numbers, the second one's strongest, and four histograms.
TEST(GoldenFigures, TheWeightsOfANetworkLookAsTheyDid) {
  const Weights weights = ShowWeights({.model = "lenet", .layers = {}, .data = {}});
  ExpectFigure("weights.png", WeightsFigure(weights).figure);
}

}  // namespace
}  // namespace convscope
