// The attributes that convolution and pooling share, and the axes that follow from them. For the operations of this
// folder; a user meets them as fields of ConvOp and PoolOp.
#ifndef CONVSCOPE_GRAPH_SLIDING_WINDOW_H_
#define CONVSCOPE_GRAPH_SLIDING_WINDOW_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

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
