#include "convscope/figures/internal/scatter_frame.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

void Check(const ScatterPlot& plot, const std::string& where) {
  const size_t count = plot.x.size();
  const auto groups = static_cast<int>(std::max<size_t>(1, plot.group_names.size()));
  const bool lengths = plot.y.size() == count && (plot.groups.empty() || plot.groups.size() == count) &&
                       (plot.marked.empty() || plot.marked.size() == count);
  const bool known = std::all_of(plot.groups.begin(), plot.groups.end(), [&](int g) { return g >= 0 && g < groups; });
  const Shape& shape = plot.pictures.shape();
  const bool pictured =
      plot.pictures.data() == nullptr || (shape.rank() == 4 && shape[0] == static_cast<int64_t>(count) &&
                                          shape[1] > 0 && shape[2] > 0 && (shape[3] == 1 || shape[3] == 3));
  if (lengths && known && pictured) return;
  throw Error({.where = where,
               .rule = pictured ? "points have as many x, y, groups and marks, and each group has a name"
                                : "pictures of points have the shape (points, H, W, 1) or (points, H, W, 3)",
               .received = pictured ? Concat(count, " x, ", plot.y.size(), " y, ", plot.groups.size(), " groups of ",
                                             plot.group_names.size(), ", ", plot.marked.size(), " marks")
                                    : Concat(shape.ToString(), " for ", count, " points")});
}

}  // namespace

ScatterFrame FrameOf(const ScatterPlot& plot, const std::string& where) {
  Check(plot, where);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double x_low = kInfinity, x_high = -kInfinity, y_low = kInfinity, y_high = -kInfinity;
  ScatterFrame frame;
  for (size_t i = 0; i < plot.x.size(); ++i) {
    if (!std::isfinite(plot.x[i]) || !std::isfinite(plot.y[i])) continue;
    frame.points.push_back(i);
    x_low = std::min(x_low, plot.x[i]);
    x_high = std::max(x_high, plot.x[i]);
    y_low = std::min(y_low, plot.y[i]);
    y_high = std::max(y_high, plot.y[i]);
  }
  if (frame.points.empty()) {
    throw Error({.where = where, .rule = "a scatter plot has a point that can be drawn", .received = "none"});
  }
  frame.x_middle = x_low + (x_high - x_low) / 2;
  frame.y_middle = y_low + (y_high - y_low) / 2;
  // One point, or points on a line along an axis, still have room around them.
  const double widest = std::max(x_high - x_low, y_high - y_low);
  const double least = widest > 0 ? widest / 10 : 1;
  frame.x_span = std::max(x_high - x_low, least);
  frame.y_span = std::max(y_high - y_low, least);
  if (const size_t left_out = plot.x.size() - frame.points.size(); left_out > 0) {
    frame.remarks.push_back(
        Concat(left_out, left_out == 1 ? " point is" : " points are", " NaN or infinite and left out"));
  }
  return frame;
}

}  // namespace convscope::internal
