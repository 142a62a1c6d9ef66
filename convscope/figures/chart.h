// Charts, as plain structs: lines over an axis (a loss while a network learns) and named bars (the classes that it
// gives a picture). They own their numbers, which are few.
#ifndef CONVSCOPE_FIGURES_CHART_H_
#define CONVSCOPE_FIGURES_CHART_H_

#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/color_map.h"

namespace convscope {

// A line through (x[i], y[i]). A y that is NaN or infinite breaks the line, and the chart says so.
struct Series {
  std::string name;  // in the legend; empty: not there
  std::vector<double> x, y;
  int color = -1;      // index into SeriesColor; below 0: the next one
  bool faint = false;  // thin and light, under all others: the raw values behind a smoothed line
};

struct ChartPlot {
  std::vector<Series> series;
  std::string x_label, y_label;
  bool log_y = false;  // values of 0 and below are left out, and the chart says so
  // The ends of the y axis; default: what holds all values.
  std::optional<double> y_low, y_high;
  double least_height = 180;  // points; 145 lets three stand side by side on a page
};

// One bar a row, from 0 to its value, which is written beside it.
struct BarPlot {
  std::vector<std::string> names;
  std::vector<double> values;     // as many, finite
  std::optional<double> high;     // the value of a full bar; default: the largest
  std::vector<size_t> marked;     // these bars in another colour
  std::string format = "number";  // or "percent": 0.25 is written 25 %
  // Beside the bars in place of their values, where not empty ("NaN", "-"). None, or one a bar.
  std::vector<std::string> written = {};
  // The panel at the left has the same names: a page leaves them out here, and has the bars level with those there.
  bool names_at_left = false;
  double most_length = 0;  // of a full bar, in points; 0: as long as the bars together are high
};

// Colours that people tell apart whatever their colour vision (Okabe and Ito 2008), again from the first after the
// last. In a chart, lines of every second round are dashed.
constexpr int kSeriesColors = 7;
Rgb8 SeriesColor(int index);

// Colours of groups of points, which have no dashes: ten that were searched for to be far apart (CIE L*a*b*: 46 at
// least, 30 for every kind of dichromat as Machado, Oliveira and Fernandes 2009 simulate it), none of them grey or
// black, the first few the furthest. Again from the first after the last.
constexpr int kGroupColors = 10;
Rgb8 GroupColor(int index);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_CHART_H_
