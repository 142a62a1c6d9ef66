// Where the points of a scatter plot lie, and what must be said about them. Shared by every way to draw one.
#ifndef CONVSCOPE_FIGURES_INTERNAL_SCATTER_FRAME_H_
#define CONVSCOPE_FIGURES_INTERNAL_SCATTER_FRAME_H_

#include <string>
#include <vector>

#include "convscope/figures/scatter_plot.h"

namespace convscope::internal {

struct ScatterFrame {
  double x_middle = 0, y_middle = 0;
  double x_span = 1, y_span = 1;     // of the points; above 0
  std::vector<size_t> points;        // those that can be drawn, in their order
  std::vector<std::string> remarks;  // one sentence each
};

// Throws Error, naming `where`, for arrays that do not fit together and for a plot without a point that can be drawn.
ScatterFrame FrameOf(const ScatterPlot& plot, const std::string& where);

inline int GroupOf(const ScatterPlot& plot, size_t point) {
  return plot.groups.empty() ? 0 : plot.groups[point];
}
inline bool IsMarked(const ScatterPlot& plot, size_t point) {
  return !plot.marked.empty() && plot.marked[point];
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_SCATTER_FRAME_H_
