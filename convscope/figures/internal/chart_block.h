// Charts, bars and networks in character cells. Not for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_CHART_BLOCK_H_
#define CONVSCOPE_FIGURES_INTERNAL_CHART_BLOCK_H_

#include <string>

#include "convscope/figures/chart.h"
#include "convscope/figures/internal/text_block.h"
#include "convscope/figures/network_plot.h"

namespace convscope::internal {

// Each adds to `block`, which is as wide as the panel may be; `where` names the panel in errors.
void AddChart(const ChartPlot& plot, const std::string& where, int rows, TextBlock* block);
void AddBars(const BarPlot& plot, const std::string& where, TextBlock* block);
void AddNetwork(const NetworkPlot& plot, TextBlock* block);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_CHART_BLOCK_H_
