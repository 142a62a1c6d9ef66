#include "convscope/figures/internal/chart_block.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/text.h"
#include "convscope/figures/internal/chart_axis.h"
#include "convscope/figures/internal/text_setter.h"

namespace convscope::internal {
namespace {

constexpr char kGlyphs[] = "*o+x#@";  // of one series each; a faint one is dotted

std::string Padded(const std::string& text, int width) {
  return std::string(static_cast<size_t>(std::max(0, width - CellsOf(text))), ' ') + text;
}

}  // namespace

void AddChart(const ChartPlot& plot, const std::string& where, int rows, TextBlock* block) {
  const ChartAxes axes = AxesOf(plot, where, 4, std::max(2, rows / 4));
  int margin = 0;
  for (const Tick& tick : axes.y.ticks) margin = std::max(margin, CellsOf(tick.text));
  const int columns = std::max(8, block->width - margin - 2);
  std::vector<std::string> grid(static_cast<size_t>(rows), std::string(static_cast<size_t>(columns), ' '));

  std::string legend;
  for (const bool faint : {true, false}) {
    size_t glyph = 0;
    for (const Series& series : plot.series) {
      const char mark = series.faint ? '.' : kGlyphs[glyph++ % (sizeof(kGlyphs) - 1)];
      if (series.faint != faint) continue;
      for (size_t i = 0; i < series.x.size(); ++i) {
        if (!Drawable(plot, series.x[i], series.y[i])) continue;
        const double down = 1 - std::clamp(axes.y.Place(series.y[i]), 0.0, 1.0);
        const auto row = static_cast<size_t>(std::lround(down * (rows - 1)));
        grid[row][static_cast<size_t>(std::lround(axes.x.Place(series.x[i]) * (columns - 1)))] = mark;
      }
      if (!series.name.empty()) legend += (legend.empty() ? "" : "   ") + std::string(1, mark) + " " + series.name;
    }
  }
  if (!legend.empty()) block->AddText(PrintableText(legend));
  if (!plot.y_label.empty()) block->AddText(PrintableText(plot.y_label));
  for (int row = 0; row < rows; ++row) {
    std::string label;
    for (const Tick& tick : axes.y.ticks) {
      if (std::lround((1 - axes.y.Place(tick.value)) * (rows - 1)) == row) label = tick.text;
    }
    block->AddLine(Padded(label, margin) + " |" + grid[static_cast<size_t>(row)], margin + 2 + columns);
  }
  std::string ticks(static_cast<size_t>(columns), ' ');
  size_t free_from = 0;
  for (const Tick& tick : axes.x.ticks) {
    const auto at = static_cast<size_t>(std::lround(axes.x.Place(tick.value) * (columns - 1)));
    const size_t begin = std::min(at, ticks.size() - std::min(ticks.size(), tick.text.size()));
    if (begin < free_from || begin + tick.text.size() > ticks.size()) continue;
    ticks.replace(begin, tick.text.size(), tick.text);
    free_from = begin + tick.text.size() + 1;
  }
  block->AddLine(Padded("", margin) + " +" + std::string(static_cast<size_t>(columns), '-'), margin + 2 + columns);
  block->AddLine(Padded("", margin) + "  " + ticks, margin + 2 + columns);
  if (!plot.x_label.empty()) block->AddText(Padded("", margin + 2) + PrintableText(plot.x_label));
  for (const std::string& remark : axes.remarks) block->AddText(remark);
}

void AddBars(const BarPlot& plot, const std::string& where, TextBlock* block) {
  CheckBars(plot, where);
  int names = 0, values = 0;
  for (size_t i = 0; i < plot.names.size(); ++i) {
    names = std::max(names, CellsOf(plot.names[i]));
    values = std::max(values, CellsOf(BarText(plot, i)));
  }
  names = std::min(names, block->width / 2);
  const int room = std::max(4, block->width - names - values - 3);
  for (size_t i = 0; i < plot.names.size(); ++i) {
    const std::string name = WrapCells(PrintableText(plot.names[i]), names).front();
    const double part = std::min(1.0, std::abs(plot.values[i]) / FullBar(plot));
    const auto length = static_cast<size_t>(std::lround(part * room));
    block->AddText(Padded(name, names) + " " + std::string(length, plot.values[i] < 0 ? '-' : '#') + " " +
                   BarText(plot, i));
  }
}

void AddNetwork(const NetworkPlot& plot, TextBlock* block) {
  // With its group, which on a page is the frame around it: there may be a "conv" in each.
  const auto name_of = [&](const NetworkPlot::Node& node) {
    const std::string group = node.group < 0 ? "" : plot.groups[static_cast<size_t>(node.group)];
    return group.empty() || group == node.title ? node.title : group + "/" + node.title;
  };
  for (size_t i = 0; i < plot.nodes.size(); ++i) {
    const NetworkPlot::Node& node = plot.nodes[i];
    std::string text = name_of(node);
    for (const std::string& line : node.lines) text += "  " + line;
    block->AddText(PrintableText(text));
    for (const NetworkPlot::Edge& edge : plot.edges) {
      if (edge.from != static_cast<int>(i)) continue;
      const std::string to = name_of(plot.nodes[static_cast<size_t>(edge.to)]);
      block->AddText(PrintableText("  -> " + to + (edge.label.empty() ? "" : "  " + edge.label)));
    }
  }
}

}  // namespace convscope::internal
