#include "convscope/tasks/feature_figure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/figures/layout.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/map_signs.h"

namespace convscope {
namespace {

constexpr int64_t kMostBars = 32, kMostClasses = 10;
constexpr size_t kMostMeans = 24;
constexpr double kMostPageAspect = 2;  // height to width of what is taken in at a glance
// Points: of what stands beside the maps, and of maps that are chosen one by one.
constexpr double kSmall = 150, kLarge = 240;

class FeaturePanels {
 public:
  FeaturePanels(const Features& features, const FeatureFigureOptions& options)
      : features_(features),
        options_(options),
        classifier_(
            TryFindClassifier(features.trace.graph(), features.model.file.outputs).value_or(ClassifierTensors{})),
        never_negative_(NeverNegative(features.model.file.model)) {}

  Panel Picture() const {
    Panel panel{.title = SourceName(),
                .caption = features_.shown.note,
                .content = MapPlot{.values = features_.shown.picture.view(), .scale = PhotographScale()},
                .most_height = kSmall};
    if (features_.shown.truth) panel.caption = Joined("is: " + *features_.shown.truth, panel.caption);
    const std::string verdict = VerdictText(features_.model, features_.trace);
    if (!verdict.empty()) panel.caption = Joined("predicted: " + verdict, panel.caption);
    return panel;
  }

  // What the options ask for of one layer: what stands beside the picture, and what needs a row.
  void AddLayer(const std::string& layer, std::vector<Panel>* beside, std::vector<Panel>* row) {
    std::vector<std::string> stages = {layer};
    if (options_.before) {
      const std::string before = BeforeActivation(features_.trace.graph(), layer);
      if (!before.empty()) stages.insert(stages.begin(), before);
    }
    for (const std::string& stage : stages) {
      const TensorView<const float> maps = MapsOf(features_.trace[stage], stage);
      if (maps.shape()[0] * maps.shape()[1] == 1) {
        row->push_back(Units(stage, maps, options_.channels));
        continue;
      }
      if (options_.mean) beside->push_back(Mean(stage, maps));
      if (std::optional<Panel> picture = MadePicture(stage, maps); picture && options_.channels.empty()) {
        row->push_back(*std::move(picture));
        continue;
      }
      if (options_.channels.empty()) row->push_back(Grid(stage, maps));
      for (const int64_t channel : options_.channels) row->push_back(One(stage, maps, channel));
    }
  }

  Panel Mean(const std::string& layer, TensorView<const float> maps) {
    const Tensor& mean = arrays_.emplace_back(MeanMap(maps));
    return {.title = fmt::format("{}: mean of {}", layer, CountText(maps.shape()[2], "map")),
            .caption = SizeText(maps),
            .content = MapPlot{.values = mean.view(), .scale = ScaleOf(layer, mean.view())},
            .most_height = kSmall};
  }

  // What a model that makes pictures of pictures ends in, as one: an output of the picture's size or larger, grey or of
  // three colours, with values as pictures have them, from 0 to 1 or to 255. None for other maps.
  std::optional<Panel> MadePicture(const std::string& layer, TensorView<const float> maps) {
    const std::vector<std::string>& outputs = features_.model.file.outputs;
    const Shape &shape = maps.shape(), &shown = features_.shown.picture.shape();
    const bool fits = (shape[2] == 1 || shape[2] == 3) && shape[0] >= shown[0] && shape[1] >= shown[1];
    if (!fits || std::find(outputs.begin(), outputs.end(), layer) == outputs.end()) return std::nullopt;
    const ValueRange range = RangeOf(maps);
    constexpr float kBeyond = 0.1f;  // of the range: what sharpening adds at an edge
    const float white = range.high <= 1 + kBeyond ? 1 : 255;
    const bool as_pictures = range.low >= -kBeyond * white && range.high <= (1 + kBeyond) * white;
    if (!as_pictures || range.high <= 0 || range.not_finite > 0) return std::nullopt;
    Tensor& picture = arrays_.emplace_back(shape);
    for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = maps[i] / white;
    return Panel{.title = fmt::format("{}: a picture of {}", layer, SizeText(maps)),
                 .caption = fmt::format("{}0 is black, 1 is {}",
                                        white == 1 ? "" : "divided by 255: ", shape[2] == 1 ? "white" : "full colour"),
                 .content = MapPlot{.values = std::as_const(picture).view(), .scale = PhotographScale()},
                 .most_height = kLarge};
  }

  // One value a channel: of those chosen, else of all.
  Panel Units(const std::string& layer, TensorView<const float> maps, const std::vector<int64_t>& chosen) {
    const std::vector<int64_t> units = ChosenChannels(chosen, maps.shape()[2], layer);
    const auto count = std::ssize(units);
    const bool scores = layer == classifier_.output || layer == classifier_.logits;
    std::string title = fmt::format("{}: {}", layer, CountText(maps.shape()[2], "unit"));
    if (!chosen.empty()) {
      title = count == 1 ? fmt::format("{}: unit {} of {}", layer, units[0], maps.shape()[2])
                         : fmt::format("{}: {} of {} units", layer, count, maps.shape()[2]);
    }
    const bool finite = std::all_of(units.begin(), units.end(), [&](int64_t c) { return std::isfinite(maps[c]); });
    const bool some = scores && chosen.empty();  // of the scores of many classes the highest
    if ((some || count <= kMostBars) && finite) return UnitBars(layer, title, maps, units, scores);
    // As square as the number of units allows, and never so narrow that a unit is a line.
    int64_t rows = static_cast<int64_t>(std::sqrt(static_cast<double>(count)));
    while (rows > 1 && count % rows != 0) --rows;
    if (rows * 8 < count / rows) rows = static_cast<int64_t>(std::sqrt(static_cast<double>(count)));
    const int64_t columns = (count + rows - 1) / rows;
    Tensor folded = Tensor::Zeros({rows, columns});
    for (int64_t i = 0; i < count; ++i) folded.data()[i] = maps[units[static_cast<size_t>(i)]];
    std::string caption = chosen.empty()
                              ? fmt::format("units in rows of {}, from the left", columns)
                              : fmt::format("units {} in rows of {}, from the left", Numbers(units), columns);
    if (rows * columns > count)
      caption += fmt::format("; none in the last {}", CountText(rows * columns - count, "cell"));
    const Tensor& kept = arrays_.emplace_back(std::move(folded));
    return {.title = title,
            .caption = caption,
            .content = MapPlot{.values = kept.view(), .scale = ScaleOf(layer, kept.view())},
            .most_height = kLarge};
  }

  OwningFigure Finish(std::vector<std::vector<Panel>> rows) {
    Figure figure{
        .title = fmt::format("{} on {}", features_.model.title(), SourceName()), .footer = "", .rows = std::move(rows)};
    return {.figure = std::move(figure), .arrays = std::move(arrays_)};
  }

  // Of all that will be drawn on one scale.
  void ShareScale(const std::vector<std::string>& layers) {
    if (options_.scaling != MapScaling::kGlobal) return;
    for (const std::string& layer : layers) {
      for (const std::string& stage : {layer, BeforeActivation(features_.trace.graph(), layer)}) {
        if (stage.empty() || (stage != layer && !options_.before)) continue;
        const TensorView<const float> maps = MapsOf(features_.trace[stage], stage);
        if (maps.shape()[0] * maps.shape()[1] == 1) continue;
        global_ = Join(global_, RangeOf(maps));
        if (SignsOf(stage) == Signs::kBoth) global_signs_ = Signs::kBoth;
      }
    }
  }

 private:
  // A file without its folders.
  std::string SourceName() const { return std::filesystem::path(features_.shown.source).filename().string(); }

  static std::string Joined(const std::string& a, const std::string& b) { return b.empty() ? a : a + "; " + b; }

  static std::string SizeText(TensorView<const float> maps) {
    return fmt::format("{} x {}", maps.shape()[0], maps.shape()[1]);
  }

  Signs SignsOf(const std::string& tensor) const { return internal::SignsOf(never_negative_, tensor); }

  // Of values of a tensor alone.
  Scale ScaleOf(const std::string& tensor, TensorView<const float> values) const {
    return ScaleFor(RangeOf(values), SignsOf(tensor));
  }

  // "3, 5, 17"; of many the first and the last: "3, 5, 17, ..., 99".
  static std::string Numbers(const std::vector<int64_t>& units) {
    constexpr size_t kMost = 12;
    if (units.size() <= kMost) return fmt::format("{}", fmt::join(units, ", "));
    return fmt::format("{}, ..., {}", fmt::join(units.begin(), units.begin() + kMost, ", "), units.back());
  }

  // All of `units`; of many the highest.
  Panel UnitBars(const std::string& layer, const std::string& title, TensorView<const float> values,
                 std::vector<int64_t> units, bool scores) const {
    Panel panel{.title = title, .content = {}};
    if (std::ssize(units) > kMostBars) {
      std::stable_sort(units.begin(), units.end(), [&](int64_t a, int64_t b) { return values[a] > values[b]; });
      units.resize(kMostClasses);
      panel.caption = fmt::format("the {} highest", kMostClasses);
    }
    BarPlot bars;
    for (const int64_t c : units) {
      bars.names.push_back(scores ? ClassName(features_.model.file.class_names, c) : std::to_string(c));
      bars.values.push_back(static_cast<double>(values[c]));
    }
    if (layer == classifier_.output && classifier_.probabilities) {
      bars.high = 1;
      bars.format = "percent";
    }
    panel.content = std::move(bars);
    return panel;
  }

  Panel Grid(const std::string& layer, TensorView<const float> maps) {
    const int64_t channels = maps.shape()[2];
    if (options_.first < 0 || options_.first >= channels) {
      throw Error({.where = layer,
                   .rule = fmt::format("its maps are 0 to {}", channels - 1),
                   .received = fmt::format("{}", options_.first)});
    }
    const int64_t count = std::min(options_.most, channels - options_.first);
    GridPlot grid{.values = maps, .scale = {}, .first = options_.first, .labels = {}};
    Panel panel{.title = fmt::format("{}: {} of {}", layer, CountText(channels, "map"), SizeText(maps)), .content = {}};
    if (count < channels) {
      grid.values = Cut(maps, options_.first, count);
      panel.title = fmt::format("{}: maps {} to {} of {}, {}", layer, options_.first, options_.first + count - 1,
                                channels, SizeText(maps));
    }
    switch (options_.scaling.value_or(MapScaling::kLayer)) {
      case MapScaling::kMap:
        grid.scaling = GridPlot::Scaling::kPerMap;
        grid.scale = ScaleOf(layer, grid.values);
        break;
      case MapScaling::kLayer:
        grid.scaling = GridPlot::Scaling::kGiven;
        grid.scale = ScaleOf(layer, grid.values);
        break;
      case MapScaling::kGlobal:
        grid.scaling = GridPlot::Scaling::kGiven;
        grid.scale = ScaleFor(global_, global_signs_);
        panel.caption = "the scale of all layers of the figure";
    }
    panel.content = std::move(grid);
    return panel;
  }

  Panel One(const std::string& layer, TensorView<const float> maps, int64_t channel) {
    const Tensor& map = arrays_.emplace_back(OneMap(maps, channel, layer));
    MapPlot plot{.values = map.view(), .scale = ScaleOf(layer, map.view())};
    Panel panel{.title = fmt::format("{}: map {}", layer, channel), .caption = SizeText(maps), .content = {}};
    switch (options_.scaling.value_or(MapScaling::kMap)) {
      case MapScaling::kMap:
        panel.caption += "; a scale of its own";
        break;
      case MapScaling::kLayer:
        plot.scale = ScaleOf(layer, maps);
        panel.caption += fmt::format("; the scale of all {} maps of the layer", maps.shape()[2]);
        break;
      case MapScaling::kGlobal:
        plot.scale = ScaleFor(global_, global_signs_);
        panel.caption += "; the scale of all layers of the figure";
    }
    panel.content = plot;
    panel.most_height = kLarge;
    return panel;
  }

  // Channels [first, first + count), which lie apart in memory.
  TensorView<const float> Cut(TensorView<const float> maps, int64_t first, int64_t count) {
    Tensor cut({maps.shape()[0], maps.shape()[1], count});
    for (int64_t place = 0; place < maps.shape()[0] * maps.shape()[1]; ++place) {
      std::copy_n(maps.data() + place * maps.shape()[2] + first, count, cut.data() + place * count);
    }
    return std::as_const(arrays_.emplace_back(std::move(cut))).view();
  }

  const Features& features_;
  FeatureFigureOptions options_;
  ClassifierTensors classifier_;
  std::set<std::string> never_negative_;
  ValueRange global_;
  Signs global_signs_ = Signs::kNonNegative;
  std::vector<Tensor> arrays_;
};

// The means of `shown` of the layers that have maps, and the units of the last of the others.
OwningFigure Overview(const Features& features, const std::vector<std::string>& spatial, size_t shown,
                      const std::vector<std::string>& units) {
  FeaturePanels panels(features, {});
  std::vector<Panel> row = {panels.Picture()};
  for (size_t i = 0; i < shown; ++i) {
    const std::string& layer = spatial[shown < 2 ? i : i * (spatial.size() - 1) / (shown - 1)];
    const TensorView<const float> maps = MapsOf(features.trace[layer], layer);
    std::optional<Panel> picture = panels.MadePicture(layer, maps);
    row.push_back(picture ? *std::move(picture) : panels.Mean(layer, maps));
  }
  std::vector<std::vector<Panel>> rows = {std::move(row)};
  // The scores; and what leads to them, where nothing before has rows and columns.
  std::vector<std::string> drawn = units;
  if (!spatial.empty() && units.size() > 1) drawn = {units.back()};
  for (const std::string& layer : drawn)
    rows.push_back({panels.Units(layer, MapsOf(features.trace[layer], layer), {})});
  OwningFigure figure = panels.Finish(std::move(rows));
  if (shown > 0) figure.figure.footer = "each mean map on a scale of its own";
  if (shown < spatial.size()) {
    figure.figure.footer += fmt::format("; {} of {} layers, evenly: --layer draws others", shown, spatial.size());
  }
  if (drawn.size() < units.size()) {
    figure.figure.footer += "; not drawn, since they have no rows and columns: ";
    for (size_t i = 0; i + 1 < units.size(); ++i) figure.figure.footer += (i > 0 ? ", " : "") + units[i];
  }
  return figure;
}

}  // namespace

OwningFigure LayersFigure(const Features& features, const FeatureFigureOptions& options,
                          std::vector<std::string> layers) {
  if (layers.empty()) layers = features.layers;
  FeaturePanels panels(features, options);
  panels.ShareScale(features.layers);
  std::vector<std::vector<Panel>> rows = {{panels.Picture()}};
  for (const std::string& layer : layers) {
    std::vector<Panel> row;
    panels.AddLayer(layer, &rows[0], &row);
    rows.push_back(std::move(row));
  }
  return panels.Finish(std::move(rows));
}

OwningFigure OverviewFigure(const Features& features) {
  std::vector<std::string> spatial, units;
  for (const std::string& layer : features.layers) {
    const MapShape maps = MapShapeOf(features.trace[layer].shape(), layer);
    (maps.rows * maps.columns > 1 ? spatial : units).push_back(layer);
  }
  // Wide maps take a line each: how many of them make a page is known when they are laid out.
  for (size_t shown = std::min(spatial.size(), kMostMeans);;) {
    OwningFigure figure = Overview(features, spatial, shown, units);
    const Scene page = LayOut(figure.figure);
    const double share = kMostPageAspect * page.width / page.height;
    if (share >= 1 || shown <= 2) return figure;
    shown = std::clamp<size_t>(static_cast<size_t>(share * static_cast<double>(shown)), 2, shown - 1);
  }
}

Figure FeatureGrid(TensorView<const float> maps, const std::string& title) {
  return {.title = title,
          .footer = "",
          .rows = {{{.title = fmt::format("{} of {} x {}", CountText(maps.shape()[2], "map"), maps.shape()[0],
                                          maps.shape()[1]),
                     .caption = "one scale for all maps",
                     .content = GridPlot{.values = maps, .scale = {}, .labels = {}}}}}};
}

}  // namespace convscope
