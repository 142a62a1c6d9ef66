#include "convscope/figures/internal/chart_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/share_text.h"
#include "convscope/base/text.h"
#include "convscope/figures/scale.h"

namespace convscope {
namespace internal {
namespace {

// The smallest of 1, 2 and 5 times a power of ten that is at least `least`.
double RoundStep(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string TickText(double value, double step) {
  // No more digits than the step has, so that 0.3 is not written 0.30000000000000004.
  const double rounded = std::round(value / step) * step;
  const auto power = [](double v) { return static_cast<int>(std::floor(std::log10(std::abs(v)) + 1e-9)); };
  // But 50 and 100 are written out, not as 5e1 and 1e2; from 100,000 on there is no room for the zeros.
  constexpr int kMostZeros = 4;
  const int digits =
      rounded == 0 ? 1 : 1 + std::max(power(rounded) - power(step), std::min(power(rounded), kMostZeros));
  return NumberText(static_cast<float>(rounded), std::clamp(digits, 1, 7));
}

}  // namespace

double ChartAxis::Place(double value) const {
  if (log) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

ChartAxis MakeAxis(double low, double high, bool log, int wanted, bool whole) {
  ChartAxis axis{.low = low, .high = high, .log = log, .ticks = {}};
  if (log) {
    if (axis.high / axis.low < 10) {  // one whole decade at least
      axis.low = std::pow(10, std::floor(std::log10(axis.low)));
      axis.high = std::max(axis.high, 10 * axis.low);
    }
    const int first = static_cast<int>(std::ceil(std::log10(axis.low) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(axis.high) + 1e-9));
    const int step = std::max(1, (last - first) / std::max(wanted, 1));
    const bool in_between = last - first < 2;  // few decades: 2 and 5 times a power of ten as well
    for (int power = first - 1; power <= last; power += power < first ? 1 : step) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double value = factor * std::pow(10, power);
        if ((factor > 1 && !in_between) || value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9)) continue;
        axis.ticks.push_back({value, NumberText(static_cast<float>(value))});
      }
    }
    return axis;
  }
  if (axis.high <= axis.low) {  // one value: it stands in the middle
    const double room = axis.low == 0 ? 1 : std::abs(axis.low) / 2;
    axis.low -= room;
    axis.high += room;
  }
  const double least = (axis.high - axis.low) / std::max(wanted, 1);
  const double step = RoundStep(whole ? std::max(least, 1.0) : least);
  const auto first = static_cast<int64_t>(std::ceil(axis.low / step - 1e-9));
  const auto last = static_cast<int64_t>(std::floor(axis.high / step + 1e-9));
  for (int64_t i = first; i <= last; ++i) {
    const double value = static_cast<double>(i) * step;
    axis.ticks.push_back({value, TickText(value, step)});
  }
  return axis;
}

bool Drawable(const ChartPlot& plot, double x, double y) {
  return std::isfinite(x) && std::isfinite(y) && (!plot.log_y || y > 0);
}

ChartAxes AxesOf(const ChartPlot& plot, const std::string& where, int wanted_x, int wanted_y) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double x_low = kInfinity, x_high = -kInfinity, y_low = kInfinity, y_high = -kInfinity;
  int64_t left_out = 0;
  bool whole_x = true, whole_y = true;
  for (const Series& series : plot.series) {
    if (series.x.size() != series.y.size()) {
      throw Error({.where = where,
                   .rule = Concat("series ", series.name, " has as many x as y"),
                   .received = Concat(series.x.size(), " and ", series.y.size())});
    }
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (!Drawable(plot, series.x[i], series.y[i])) {
        ++left_out;
        continue;
      }
      x_low = std::min(x_low, series.x[i]);
      x_high = std::max(x_high, series.x[i]);
      y_low = std::min(y_low, series.y[i]);
      y_high = std::max(y_high, series.y[i]);
      whole_x = whole_x && series.x[i] == std::round(series.x[i]);
      whole_y = whole_y && series.y[i] == std::round(series.y[i]);
    }
  }
  if (x_low > x_high) {
    throw Error({.where = where, .rule = "a chart has a point that can be drawn", .received = "none"});
  }
  ChartAxes axes{.x = MakeAxis(x_low, x_high, false, wanted_x, whole_x),
                 .y = MakeAxis(plot.y_low.value_or(y_low), plot.y_high.value_or(y_high), plot.log_y, wanted_y, whole_y),
                 .remarks = {}};
  if (left_out > 0) {
    axes.remarks.push_back(Concat(left_out, left_out == 1 ? " value is " : " values are ",
                                  plot.log_y ? "not above zero or not finite" : "NaN or infinite", " and left out"));
  }
  if (y_low < axes.y.low || y_high > axes.y.high) {
    axes.remarks.push_back(Concat("values reach beyond the axis, from ", NumberText(static_cast<float>(y_low)), " to ",
                                  NumberText(static_cast<float>(y_high))));
  }
  return axes;
}

std::vector<Pen> PensOf(const ChartPlot& plot) {
  std::vector<Pen> pens;
  int next = 0;
  for (const Series& series : plot.series) {
    const int index = series.color >= 0 ? series.color : next;
    next = std::max(next, index + 1);
    pens.push_back({SeriesColor(index), index / kSeriesColors % 2 == 1});
  }
  return pens;
}

void CheckBars(const BarPlot& plot, const std::string& where) {
  const bool finite = std::all_of(plot.values.begin(), plot.values.end(), [](double v) { return std::isfinite(v); });
  if (!plot.values.empty() && plot.values.size() == plot.names.size() && finite &&
      (plot.written.empty() || plot.written.size() == plot.values.size())) {
    return;
  }
  throw Error({.where = where,
               .rule = "bars have a name and a finite value each",
               .received = Concat(plot.names.size(), " names and ", plot.values.size(), " values",
                                  finite ? "" : ", some of them not finite")});
}

std::string BarText(const BarPlot& plot, size_t bar) {
  if (!plot.written.empty() && !plot.written[bar].empty()) return plot.written[bar];
  const double value = plot.values[bar];
  if (plot.format == "percent") {
    // "25 %" rather than "25.00 %", but what is not all is never "100 %".
    if (std::string text = ShareText(value, 2); text.starts_with('<') || text.starts_with('>')) return text;
    return NumberText(static_cast<float>(std::round(1e4 * value) / 100), 4) + " %";
  }
  return NumberText(static_cast<float>(value));
}

double FullBar(const BarPlot& plot) {
  double largest = 0;
  for (const double value : plot.values) largest = std::max(largest, std::abs(value));
  const double full = plot.high.value_or(largest);
  return full > 0 ? full : 1;
}

}  // namespace internal

Rgb8 SeriesColor(int index) {
  static constexpr Rgb8 kColors[kSeriesColors] = {{0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
                                                  {230, 159, 0}, {86, 180, 233}, {0, 0, 0}};
  return kColors[index % kSeriesColors];
}

Rgb8 GroupColor(int index) {
  static constexpr Rgb8 kColors[kGroupColors] = {{120, 140, 220}, {220, 0, 0},     {140, 0, 255}, {255, 80, 140},
                                                 {180, 220, 0},   {120, 220, 240}, {120, 0, 20},  {80, 40, 80},
                                                 {240, 180, 120}, {60, 40, 160}};
  return kColors[index % kGroupColors];
}

}  // namespace convscope
