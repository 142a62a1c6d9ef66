// Points in character cells. Not for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_SCATTER_BLOCK_H_
#define CONVSCOPE_FIGURES_INTERNAL_SCATTER_BLOCK_H_

#include <string>

#include "convscope/figures/internal/text_block.h"
#include "convscope/figures/scatter_plot.h"

namespace convscope::internal {

// Adds the points to `block`, at most `rows` lines of them: a letter for each group, an upper-case one where a point is
// marked. `aspect`: how much higher than wide a cell is. `where` names the panel in errors.
void AddScatter(const ScatterPlot& plot, const std::string& where, int rows, double aspect, TextBlock* block);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_SCATTER_BLOCK_H_
