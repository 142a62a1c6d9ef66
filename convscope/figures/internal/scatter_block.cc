#include "convscope/figures/internal/scatter_block.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/text.h"
#include "convscope/figures/internal/scatter_frame.h"
#include "convscope/figures/internal/text_setter.h"

namespace convscope::internal {
namespace {

constexpr int kLetters = 26;

char LetterOf(const ScatterPlot& plot, size_t point) {
  const int letter = GroupOf(plot, point) % kLetters;
  return static_cast<char>((IsMarked(plot, point) ? 'A' : 'a') + letter);
}

std::string Legend(const ScatterPlot& plot) {
  std::string text;
  for (size_t g = 0; g < plot.group_names.size(); ++g) {
    text += (g == 0 ? "" : "   ") + std::string(1, static_cast<char>('a' + g % kLetters)) + " " + plot.group_names[g];
  }
  const auto marked = std::count(plot.marked.begin(), plot.marked.end(), true);
  if (marked > 0) text += Concat("   upper case: ", plot.marked_name, " (", marked, ")");
  return text;
}

}  // namespace

void AddScatter(const ScatterPlot& plot, const std::string& where, int rows, double aspect, TextBlock* block) {
  const ScatterFrame frame = FrameOf(plot, where);
  const int most = std::max(4, block->width - 2);
  // Units of the plot that a row is high, so that all fits both ways.
  const double row = std::max(frame.y_span / std::max(1, rows - 1), frame.x_span * aspect / std::max(1, most - 1));
  const int height = std::clamp(static_cast<int>(std::lround(frame.y_span / row)) + 1, 1, rows);
  const int width = std::clamp(static_cast<int>(std::lround(frame.x_span * aspect / row)) + 1, 1, most);
  std::vector<std::string> grid(static_cast<size_t>(height), std::string(static_cast<size_t>(width), ' '));
  for (const size_t i : frame.points) {
    const double right = (plot.x[i] - frame.x_middle) * aspect / row + (width - 1) / 2.0;
    const double down = (frame.y_middle - plot.y[i]) / row + (height - 1) / 2.0;
    const int x = std::clamp(static_cast<int>(std::lround(right)), 0, width - 1);
    grid[static_cast<size_t>(std::clamp(static_cast<int>(std::lround(down)), 0, height - 1))][static_cast<size_t>(x)] =
        LetterOf(plot, i);
  }
  if (const std::string legend = Legend(plot); !legend.empty()) block->AddText(PrintableText(legend));
  if (!plot.y_label.empty()) block->AddText(PrintableText("up: " + plot.y_label));
  for (const std::string& line : grid) block->AddLine("|" + line, width + 1);
  block->AddLine("+" + std::string(static_cast<size_t>(width), '-'), width + 1);
  if (!plot.x_label.empty()) block->AddText(PrintableText("right: " + plot.x_label));
  for (const std::string& remark : frame.remarks) block->AddText(remark);
  if (plot.group_names.size() > kLetters)
    block->AddText(Concat("groups that are ", kLetters, " apart have one letter"));
}

}  // namespace convscope::internal
