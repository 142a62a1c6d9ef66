#include "convscope/tasks/internal/film_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/internal/drawn_pictures.h"

namespace convscope::internal {
namespace {

constexpr int64_t kMostFilters = 12;
constexpr size_t kMostLines = 7;  // of classes: as many as there are colours
constexpr double kMapHeight = 96, kFilterHeight = 44, kAir = 6, kNames = 22, kChart = 190;  // points

std::vector<std::string> StepNames(const std::vector<FilmFrame>& frames) {
  std::vector<std::string> names;
  for (const FilmFrame& frame : frames) names.push_back(fmt::format("step {}", frame.step));
  return names;
}

// Maps (rows of the table, frames) side by side: `map_of(row, frame)` is (H, W).
template <typename MapOf>
Tensor GridOf(size_t rows, const std::vector<FilmFrame>& frames, const MapOf& map_of) {
  std::vector<Tensor> maps;
  std::vector<TensorView<const float>> views;
  for (size_t row = 0; row < rows; ++row) {
    for (const FilmFrame& frame : frames) {
      const Tensor& map = maps.emplace_back(map_of(row, frame));
      views.emplace_back(map.data(), Shape{map.shape()[0], map.shape()[1], 1});
    }
  }
  return SideBySide(views[0].shape(), views);
}

// A table whose rows are named and whose columns are steps, on one scale.
GridPlot TableOf(TensorView<const float> grid, const Scale& scale, std::vector<std::string> rows,
                 const std::vector<FilmFrame>& frames) {
  GridPlot plot{.values = grid,
                .scaling = GridPlot::Scaling::kGiven,
                .scale = scale,
                .columns = static_cast<int>(frames.size()),
                .labels = std::vector<std::string>(rows.size() * frames.size())};
  plot.row_names = std::move(rows);
  plot.column_names = StepNames(frames);
  return plot;
}

}  // namespace

std::vector<int64_t> ChangedMost(const Tensor& first, const Tensor& last, int64_t most) {
  const int64_t count = first.shape()[2];
  std::vector<double> changes(static_cast<size_t>(count));
  for (int64_t i = 0; i < first.size(); ++i) {
    const double change = static_cast<double>(last.data()[i]) - first.data()[i];
    if (std::isfinite(change)) changes[static_cast<size_t>(i % count)] += change * change;
  }
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return changes[static_cast<size_t>(a)] > changes[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(std::min(count, most)));
  std::sort(order.begin(), order.end());
  return order;
}

namespace {

Panel FilterPanel(const FilmStrip& strip, const std::vector<FilmFrame>& frames, OwningFigure* made) {
  const std::vector<int64_t> planes = ChangedMost(frames.front().planes, frames.back().planes, kMostFilters);
  const auto rows = static_cast<int64_t>(planes.size());
  Tensor& grid = made->arrays.emplace_back(GridOf(planes.size(), frames, [&](size_t row, const FilmFrame& frame) {
    return OneMap(frame.planes.view(), planes[row], strip.filters);
  }));
  std::vector<std::string> names;
  for (const int64_t place : planes) {
    const int64_t plane = strip.planes.empty() ? place : strip.planes[static_cast<size_t>(place)];
    names.push_back(strip.channels == 1
                        ? fmt::format("filter {}", plane)
                        : fmt::format("filter {}, channel {}", plane / strip.channels, plane % strip.channels));
  }
  std::string caption;
  if (rows < strip.all_planes) {
    caption = fmt::format("the {} that change most, of {}", rows, strip.all_planes);
  }
  return {.title = strip.filters,
          .caption = caption,
          .content = TableOf(std::as_const(grid).view(), strip.filter_scale, std::move(names), frames),
          .most_height = static_cast<double>(rows) * (kFilterHeight + kAir) + kNames};
}

Panel MapPanel(const FilmStrip& strip, const std::vector<FilmFrame>& frames, OwningFigure* made) {
  const size_t rows = frames[0].maps.size();
  Tensor& grid = made->arrays.emplace_back(
      GridOf(rows, frames, [](size_t row, const FilmFrame& frame) { return frame.maps[row].Clone(); }));
  return {.title = strip.layer + ", of the picture",
          .caption = "",
          .content = TableOf(std::as_const(grid).view(), strip.map_scale, strip.map_names, frames),
          .most_height = static_cast<double>(rows) * (kMapHeight + kAir) + kNames};
}

// A line a class: those that are highest at the end, and the true one.
Panel ScorePanel(const FilmStrip& strip, const std::vector<FilmFrame>& frames) {
  const std::vector<float>& last = frames.back().scores;
  std::vector<size_t> order = ClassOrder(last);
  const auto truth = std::find(order.begin(), order.end(), static_cast<size_t>(strip.truth.value_or(-1)));
  if (truth != order.end()) std::rotate(order.begin(), truth, truth + 1);  // the true one first
  order.resize(std::min(order.size(), kMostLines));
  ChartPlot chart{.series = {}, .x_label = "step", .y_label = strip.probabilities ? "probability" : "score"};
  bool any = false;
  for (const size_t c : order) {
    Series series{.name = strip.class_names[c] + (strip.truth == static_cast<int64_t>(c) ? " (the true class)" : ""),
                  .x = {},
                  .y = {}};
    for (const FilmFrame& frame : frames) {
      series.x.push_back(static_cast<double>(frame.step));
      series.y.push_back(frame.scores[c]);
      any = any || std::isfinite(frame.scores[c]);
    }
    chart.series.push_back(std::move(series));
  }
  if (strip.probabilities) {
    chart.y_low = 0;
    chart.y_high = 1;
  }
  if (!any) return {};
  return {.title = "what it says of the picture",
          .caption = order.size() < last.size()
                         ? fmt::format("{}the highest at the end, {} of {} classes",
                                       strip.truth ? "the true class and " : "", order.size(), last.size())
                         : "",
          .content = std::move(chart),
          .most_height = kChart};
}

}  // namespace

OwningFigure StripFigure(const FilmStrip& strip, const std::vector<FilmFrame>& frames) {
  if (frames.empty() || static_cast<int64_t>(frames.size()) > kMostStripFrames) {
    throw Error({.where = "frames",
                 .rule = fmt::format("a strip has 1 to {} frames side by side", kMostStripFrames),
                 .received = fmt::format("{}", frames.size()),
                 .fix = "choose fewer frames, or a .gif or .webp file"});
  }
  OwningFigure made;
  made.figure = {.title = strip.title, .footer = "", .rows = {}};
  made.figure.rows.push_back({FilterPanel(strip, frames, &made)});
  if (!frames[0].maps.empty()) made.figure.rows.push_back({MapPanel(strip, frames, &made)});
  if (strip.picture.data() == nullptr) return made;
  std::vector<Panel> row = {{.title = "picture",
                             .caption = strip.picture_caption,
                             .content = MapPlot{.values = strip.picture, .scale = PhotographScale()},
                             .most_height = kMapHeight}};
  const bool scored = !frames[0].scores.empty();
  Panel scores = scored ? ScorePanel(strip, frames) : Panel{};
  if (!scores.title.empty()) {
    row.push_back(std::move(scores));
  } else if (scored) {
    row[0].caption += (row[0].caption.empty() ? "" : "; ") + std::string("all scores are NaN or infinite");
  }
  made.figure.rows.push_back(std::move(row));
  return made;
}

}  // namespace convscope::internal
