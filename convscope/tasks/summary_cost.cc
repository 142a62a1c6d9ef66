#include "convscope/tasks/summary_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/inspect/node_times.h"
#include "convscope/kernels/machine_peak.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"

namespace convscope {
namespace {

// The nodes of each row of the summary: those of a layer's calls; in a graph without layers the row's own.
std::vector<std::vector<std::string>> NodesOfRows(const OpenedSummary& opened) {
  std::vector<std::vector<std::string>> rows(opened.summary.layers.size());
  if (!opened.network) {
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = {opened.summary.layers[i].name};
    return rows;
  }
  const auto layers = opened.network->layers();
  const size_t inputs = rows.size() - layers.size();  // rows before them
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const NetworkLayer::Call& call : layers[i].calls) {
      rows[inputs + i].insert(rows[inputs + i].end(), call.nodes.begin(), call.nodes.end());
    }
  }
  return rows;
}

// The layers that are drawn, in order.
std::vector<size_t> Longest(const std::vector<double>& milliseconds, size_t most) {
  std::vector<size_t> order(milliseconds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return milliseconds[a] > milliseconds[b]; });
  order.resize(std::min(order.size(), most));
  std::sort(order.begin(), order.end());
  return order;
}

// What all names begin with, up to a '/': an exporter's "/backbone/", which takes the room that tells them apart.
std::string SharedFolder(const NetworkSummary& summary, const std::vector<size_t>& rows) {
  if (rows.empty()) return "";
  std::string shared = summary.layers[rows.front()].name;
  for (const size_t row : rows) {
    const std::string& name = summary.layers[row].name;
    const auto end = std::mismatch(shared.begin(), shared.end(), name.begin(), name.end()).first;
    shared.erase(end, shared.end());
  }
  return shared.substr(0, shared.rfind('/') + 1);
}

constexpr char kAbovePeak[] =
    "more than 100 %: the algorithm needs fewer multiply-adds than are counted (Winograd), or the machine was busy "
    "while its peak was measured";

constexpr double kBarLength = 90;  // points: three panels side by side

// "37,753", "0.00281": three digits, and of what is larger those before the point.
std::string ShortNumber(double value) {
  return value < 1000 ? fmt::format("{:.3g}", value) : WithThousands(std::llround(value));
}

// Bars of the layers `names`, which are rows of the summary.
template <typename Value>
Panel BarsOf(const std::string& title, const std::vector<std::string>& names, const std::vector<size_t>& rows,
             const Value& value) {
  BarPlot bars{.names = names, .values = {}, .high = {}, .marked = {}, .most_length = kBarLength};
  double most = 0;
  for (const size_t row : rows) {
    bars.values.push_back(value(row));
    bars.written.push_back(ShortNumber(bars.values.back()));
    most = std::max(most, bars.values.back());
  }
  if (most == 0) bars.high = 1;
  return {.title = title, .caption = "", .content = std::move(bars)};
}

// What a value sees of the picture. Layers that see all of it have no number of their own.
Panel FieldBars(const NetworkSummary& summary, const std::vector<std::string>& names, const std::vector<size_t>& rows) {
  const auto field = [&](size_t row) -> const ReceptiveField& { return summary.layers[row].receptive_field; };
  Panel panel = BarsOf("receptive field, pixels", names, rows, [&](size_t row) {
    if (field(row).whole()) return 0.0;
    const std::vector<int64_t>& sides = field(row).pixels();
    return static_cast<double>(*std::max_element(sides.begin(), sides.end()));
  });
  auto& bars = std::get<BarPlot>(panel.content);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (field(rows[i]).whole()) bars.written[i] = "all";
  }
  panel.caption = "the longer side";
  const auto reaches_over = [&](size_t row) { return !field(row).whole() && !field(row).unbounded.empty(); };
  if (std::any_of(rows.begin(), rows.end(), reaches_over)) {
    panel.caption += "; what is larger than the picture reaches over its borders";
  }
  return panel;
}

}  // namespace

MeasuredCost MeasureCost(const ModelChoice& model, const OpenedSummary& opened, const Progress& progress) {
  const OpenedModel weights = OpenModel(model);
  MeasuredCost cost{.milliseconds = {}, .threads = ThreadCount()};
  // The best of what is found between the runs: a limit that something else disturbs would flatter what is held
  // against it.
  const NodeTimes times = MeasureNodeTimes(ForOnePicture(weights.file.model), 5, progress,
                                           [&] { cost.peak_gflops = std::max(cost.peak_gflops, PeakGflops()); });
  for (const std::vector<std::string>& nodes : NodesOfRows(opened)) {
    double sum = 0;
    for (const std::string& node : nodes) {
      const auto found = times.find(node);
      if (found != times.end()) sum += found->second;  // inputs have none
    }
    cost.milliseconds.push_back(sum);
  }
  return cost;
}

Figure CostFigure(const NetworkSummary& summary, const MeasuredCost& cost, bool trained) {
  const std::vector<size_t> rows = Longest(cost.milliseconds, kMostCostBars);
  const auto layer = [&](size_t row) -> const LayerSummary& { return summary.layers[row]; };
  Figure figure{.title = summary.name + (trained ? "" : " (untrained)") + ": cost of one sample by layer",
                .footer = {},
                .rows = {}};
  bool above = false;
  for (const size_t row : rows) above = above || cost.ShareOfPeak(layer(row), row) > 1;
  const std::string shared = SharedFolder(summary, rows);
  std::vector<std::string> names;
  for (const size_t row : rows) names.push_back(layer(row).name.substr(shared.size()));
  Panel shares =
      BarsOf("share of the peak", names, rows, [&](size_t row) { return cost.ShareOfPeak(layer(row), row); });
  auto& share_bars = std::get<BarPlot>(shares.content);
  share_bars.high = 1;
  share_bars.format = "percent";
  // Without multiply-adds there is no share of their peak.
  share_bars.written.clear();
  for (const size_t row : rows) share_bars.written.push_back(layer(row).multiply_adds > 0 ? "" : "-");
  const auto bars = [&](const char* title, double unit, int64_t LayerSummary::*count) {
    return BarsOf(title, names, rows, [&](size_t row) { return static_cast<double>(layer(row).*count) / unit; });
  };
  figure.rows.push_back({BarsOf("milliseconds", names, rows, [&](size_t row) { return cost.milliseconds[row]; }),
                         std::move(shares), bars("multiply-adds, millions", 1e6, &LayerSummary::multiply_adds)});
  figure.rows.push_back({bars("parameters, thousands", 1e3, &LayerSummary::parameters),
                         bars("activations, KB", 1024, &LayerSummary::activation_bytes),
                         FieldBars(summary, names, rows)});
  for (std::vector<Panel>& panels : figure.rows) {
    for (size_t i = 1; i < panels.size(); ++i) std::get<BarPlot>(panels[i].content).names_at_left = true;
  }
  figure.footer = fmt::format(
      "medians of 5 runs, layer by layer, on {} threads of a machine with a multiply-add peak of {:.0f} GFLOP/s",
      cost.threads, cost.peak_gflops);
  if (!shared.empty()) figure.footer += "; names begin with " + shared;
  if (above) figure.footer += std::string("; ") + kAbovePeak;
  if (rows.size() < summary.layers.size()) {
    figure.footer += fmt::format("; the {} of {} rows that take longest", rows.size(), summary.layers.size());
  }
  return figure;
}

}  // namespace convscope
