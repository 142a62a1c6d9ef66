// The attributes that convolution and pooling share, and the axes that follow from them. For the operations of this
// folder; a user meets them as fields of ConvOp and PoolOp.
#ifndef CONVSCOPE_GRAPH_SLIDING_WINDOW_H_
#define CONVSCOPE_GRAPH_SLIDING_WINDOW_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

// The value of `list` for spatial axis `axis` of `rank`. Throws Error unless it holds one value for all of them, or one
// an axis.
template <typename T>
const T& ValueAt(std::span<const T> list, const char* name, int axis, int rank) {
  if (list.size() == 1) return list[0];
  if (list.size() != static_cast<size_t>(rank)) {
    throw Error({.rule = Concat(name, " has one value, or one for each of the ", rank, " spatial axes"),
                 .received = Concat(list.size(), " values")});
  }
  return list[static_cast<size_t>(axis)];
}

// Lists hold one value for all spatial axes, or one an axis.
struct SlidingWindow {
  std::span<const int64_t> sizes;
  std::span<const int64_t> strides;
  std::span<const int64_t> dilations;
  std::span<const Padding> padding;
  PadMode pad_mode = PadMode::kZero;
  bool ceil_mode = false;

  // Depth, rows and columns of a window over `input` (N, spatial..., C); a rank below 3 leaves the first ones as they
  // are. Throws Error, naming the axis.
  std::array<WindowAxis, 3> Axes(const Shape& input) const;

  // strides, dilations, padding and pad_mode, for Operation::attributes.
  std::vector<Attribute> Attributes() const;
};

// Throws Error unless `input` is (N, spatial..., C) with one to three spatial axes; returns how many.
int SpatialRank(const Shape& input);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_SLIDING_WINDOW_H_
