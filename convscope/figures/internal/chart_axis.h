// The numbers along an axis of a chart. Not for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_CHART_AXIS_H_
#define CONVSCOPE_FIGURES_INTERNAL_CHART_AXIS_H_

#include <string>
#include <vector>

#include "convscope/figures/chart.h"

namespace convscope::internal {

struct Tick {
  double value = 0;
  std::string text;
};

// One axis: from which value to which, with ticks on round numbers, about `wanted` of them; of what is counted (epochs,
// units, how many), which is `whole`, on whole numbers.
struct ChartAxis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<Tick> ticks;

  // Where `value` lies, 0 at low, 1 at high.
  double Place(double value) const;
};

ChartAxis MakeAxis(double low, double high, bool log, int wanted, bool whole = false);

// The axes of a chart and what it must say about its values.
struct ChartAxes {
  ChartAxis x, y;
  std::vector<std::string> remarks;
};

// Throws Error, naming `where`, for a chart without a point or a series whose x and y differ in length.
ChartAxes AxesOf(const ChartPlot& plot, const std::string& where, int wanted_x, int wanted_y);

// Whether a point can be drawn.
bool Drawable(const ChartPlot& plot, double x, double y);

// What each series is drawn with: its own colour or the next free one.
struct Pen {
  Rgb8 color;
  bool dashed = false;
};
std::vector<Pen> PensOf(const ChartPlot& plot);

// Throws Error for bars without names or values that are not finite.
void CheckBars(const BarPlot& plot, const std::string& where);
std::string BarText(const BarPlot& plot, size_t bar);
double FullBar(const BarPlot& plot);  // the value of a full bar, above 0

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_CHART_AXIS_H_
