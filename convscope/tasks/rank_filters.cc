#include "convscope/tasks/rank_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/internal/number_in.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

constexpr size_t kMostBars = 30, kMostMaps = 4, kBarsOfPanel = 15;
constexpr double kMapHeight = 84, kBarLength = 150;  // points

const LayerClassMeans& LayerOf(const FilterRanking& ranking, const ChannelSeparation& one) {
  return *std::find_if(ranking.means.layers.begin(), ranking.means.layers.end(),
                       [&](const LayerClassMeans& layer) { return layer.tensor == one.tensor; });
}

// The mean map of a channel over class `c` (an index into the means), (rows, columns).
Tensor ClassMap(const LayerClassMeans& layer, int64_t c, int64_t channel) {
  const MapShape& shape = layer.shape;
  const int64_t size = shape.rows * shape.columns * shape.channels;
  return OneMap({layer.maps.data() + c * size, {shape.rows, shape.columns, shape.channels}}, channel, layer.tensor);
}

Tensor Difference(const Tensor& a, const Tensor& b) {
  Tensor difference(a.shape());
  for (int64_t i = 0; i < a.size(); ++i) difference.data()[i] = a.data()[i] - b.data()[i];
  return difference;
}

std::string NumberOf(double value) {
  return internal::NumberIn("{:.4g}", value);
}

std::string FilterName(const ChannelSeparation& one) {
  return fmt::format("{} {}", one.tensor, one.channel);
}

// Many bars in two panels of one scale, side by side.
std::vector<Panel> BarPanels(const FilterRanking& ranking, size_t top) {
  BarPlot bars;
  size_t infinite = 0, undefined = 0;
  for (const ChannelSeparation& one : ranking.ranked) {
    if (std::isnan(one.d_prime)) ++undefined;
    if (std::isinf(one.d_prime)) ++infinite;
    if (!std::isfinite(one.d_prime) || bars.names.size() == std::min(top, kMostBars)) continue;
    bars.names.push_back(FilterName(one));
    bars.values.push_back(one.d_prime);
  }
  std::string caption = fmt::format(
      "d': the difference of the classes' means of a map's mean, over their pooled standard deviation; positive: it "
      "answers more to {}",
      ranking.names[0]);
  if (infinite > 0) caption += fmt::format("\n{} filters vary in neither class and differ: d' infinite", infinite);
  if (undefined > 0) caption += fmt::format("\n{} filters with NaN left out", undefined);
  if (bars.names.empty()) {
    bars.names = {"none"};
    bars.values = {0};
  }
  const std::string title = fmt::format("Layer and filter: {} against {}", ranking.names[0], ranking.names[1]);
  if (bars.names.size() <= kBarsOfPanel) {
    return {{.title = title, .caption = std::move(caption), .content = std::move(bars)}};
  }
  double most = 0;
  for (const double value : bars.values) most = std::max(most, std::abs(value));
  bars.high = most > 0 ? most : 1;
  bars.most_length = kBarLength;
  const auto half = static_cast<std::ptrdiff_t>((bars.names.size() + 1) / 2);
  BarPlot rest = bars;
  rest.names.erase(rest.names.begin(), rest.names.begin() + half);
  rest.values.erase(rest.values.begin(), rest.values.begin() + half);
  bars.names.resize(static_cast<size_t>(half));
  bars.values.resize(static_cast<size_t>(half));
  return {{.title = title, .caption = std::move(caption), .content = std::move(bars)},
          {.title = fmt::format("from rank {} on", half + 1), .caption = "", .content = std::move(rest)}};
}

}  // namespace

FilterRanking RankFilters(const RankRequest& request) {
  const ModelData opened = OpenModelData(request.model, request.data, request.train);
  FilterRanking ranking{.title = opened.Title(), .model = opened.model.file.name, .trained = opened.model.trained};
  const std::vector<int64_t> classes = ParseClasses(request.classes, opened.class_names);
  if (classes.size() != 2) {
    throw Error({.where = "classes",
                 .rule = "filters are ranked by two different classes",
                 .received = fmt::format("{}", classes.size()),
                 .fix = "name two, as in --class 0,9"});
  }
  const std::vector<int64_t> counts = opened.data.ClassCounts();
  for (size_t i = 0; i < 2; ++i) {
    ranking.classes[i] = classes[i];
    ranking.names[i] = opened.class_names[static_cast<size_t>(classes[i])];
    ranking.pictures[i] = counts[static_cast<size_t>(classes[i])];
    if (ranking.pictures[i] >= 2) continue;
    throw Error({.where = fmt::format("class {} ({})", ranking.classes[i], ranking.names[i]),
                 .rule = "a class that filters are ranked by has two pictures or more",
                 .received = fmt::format("{} among the {}", ranking.pictures[i], opened.title),
                 .fix = "choose another class, or the other part of the data with --part"});
  }
  const Graph& graph = opened.model.file.model.graph();
  std::vector<std::string> layers = LayerNames(request.layers, graph);
  if (layers.empty()) layers = MapLayers(graph);
  if (layers.empty()) layers = LayerTensors(graph);
  ranking.means = MeansOfClasses(opened.model.file.model, opened.data, layers,
                                 {.classes = classes,
                                  .pass = {.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}),
                                           .progress = request.data.progress}});
  const std::set<std::string> never_negative = NeverNegative(opened.model.file.model);
  for (const LayerClassMeans& layer : ranking.means.layers) {
    ranking.signs.push_back(internal::SignsOf(never_negative, layer.tensor));
  }
  ranking.ranked = RankChannels(ranking.means, 0, 1);
  return ranking;
}

std::string RankText(const FilterRanking& ranking, int64_t top) {
  std::string text = ranking.title + "\n";
  text += fmt::format("{} ({}) against {} ({}), by d' = difference of means / pooled deviation\n", ranking.names[0],
                      CountText(ranking.pictures[0], "picture"), ranking.names[1],
                      CountText(ranking.pictures[1], "picture"));
  size_t width = 5;
  for (const LayerClassMeans& layer : ranking.means.layers) width = std::max(width, layer.tensor.size());
  text += fmt::format("{:>4}  {:<{}}  {:>6}  {:>9}  {:>9}  {:>9}  {:>9}\n", "rank", "layer", width, "filter", "d'",
                      "mean of 1", "mean of 2", "deviation");
  const size_t count = std::min(ranking.ranked.size(), static_cast<size_t>(top));
  size_t rank = 1;  // shared by filters that separate the classes alike
  for (size_t i = 0; i < count; ++i) {
    const ChannelSeparation& one = ranking.ranked[i];
    if (i > 0 && std::abs(one.d_prime) != std::abs(ranking.ranked[i - 1].d_prime)) rank = i + 1;
    text += fmt::format("{:>4}  {:<{}}  {:>6}  {:>9}  {:>9}  {:>9}  {:>9}\n", rank, one.tensor, width, one.channel,
                        internal::NumberIn("{:.3f}", one.d_prime), NumberOf(one.mean_a), NumberOf(one.mean_b),
                        NumberOf(one.deviation));
  }
  if (count < ranking.ranked.size()) text += fmt::format("and {} more filters\n", ranking.ranked.size() - count);
  return text;
}

std::string RankJson(const FilterRanking& ranking, int64_t top) {
  internal::Json json = {{"model", ranking.model}, {"trained", ranking.trained}, {"measure", "d_prime"}};
  json["classes"] = internal::Json::array();
  for (size_t i = 0; i < 2; ++i) {
    json["classes"].push_back(
        {{"class", ranking.classes[i]}, {"name", ranking.names[i]}, {"pictures", ranking.pictures[i]}});
  }
  json["filters"] = ranking.ranked.size();
  json["ranked"] = internal::Json::array();
  for (size_t i = 0; i < std::min(ranking.ranked.size(), static_cast<size_t>(top)); ++i) {
    const ChannelSeparation& one = ranking.ranked[i];
    // What is infinite or no number is null in JSON.
    json["ranked"].push_back({{"layer", one.tensor},
                              {"filter", one.channel},
                              {"d_prime", one.d_prime},
                              {"means", {one.mean_a, one.mean_b}},
                              {"deviation", one.deviation}});
  }
  return internal::JsonText(json);
}

OwningFigure RankFigure(const FilterRanking& ranking, int64_t top) {
  OwningFigure made;
  made.figure = {.title = ranking.title,
                 .footer = fmt::format("{} of {}, {} of {}", CountText(ranking.pictures[0], "picture"),
                                       ranking.names[0], ranking.pictures[1], ranking.names[1]),
                 .rows = {BarPanels(ranking, static_cast<size_t>(top))},
                 .panel_height = kMapHeight};
  size_t drawn = 0;
  made.arrays.reserve(3 * kMostMaps);
  for (size_t i = 0; i < ranking.ranked.size() && drawn < kMostMaps; ++i) {
    const ChannelSeparation& one = ranking.ranked[i];
    const LayerClassMeans& layer = LayerOf(ranking, one);
    if (layer.shape.rows * layer.shape.columns == 1) continue;
    ++drawn;
    const Tensor& a = made.arrays.emplace_back(ClassMap(layer, 0, one.channel));
    const Tensor& b = made.arrays.emplace_back(ClassMap(layer, 1, one.channel));
    const Tensor& difference = made.arrays.emplace_back(Difference(a, b));
    const Signs signs = ranking.signs[static_cast<size_t>(&layer - ranking.means.layers.data())];
    const Scale scale = ScaleFor(Join(RangeOf(a.view()), RangeOf(b.view())), signs);
    if (drawn % 2 == 1) made.figure.rows.emplace_back();  // two filters side by side
    const auto add = [&](std::string title, const Tensor& map, const Scale& of, std::string caption = "") {
      made.figure.rows.back().push_back({.title = std::move(title),
                                         .caption = std::move(caption),
                                         .content = MapPlot{.values = map.view(), .scale = of, .frames = {}}});
    };
    // A title that is too long would lose the filter's number; a caption takes the lines that it needs.
    add(fmt::format("filter {}\nmean of {}", one.channel, ranking.names[0]), a, scale, "of " + one.tensor);
    add(fmt::format("mean of {}", ranking.names[1]), b, scale);
    add("first less second", difference, SignedScaleFor(RangeOf(difference.view())));
  }
  return made;
}

std::vector<std::filesystem::path> SaveRanking(const FilterRanking& ranking, const std::filesystem::path& folder) {
  std::vector<NamedArray> arrays;
  for (const LayerClassMeans& layer : ranking.means.layers) arrays.push_back({layer.tensor, &layer.maps});
  return SaveArrays(arrays, folder);
}

}  // namespace convscope
