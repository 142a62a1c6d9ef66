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

// What each place of a window's output sees of the input, and the other way round for what a window lays down
// (a transposed convolution): the reads of an axis, which is number `number` of the output too.
AxisReads PlacesSeen(int number, const WindowAxis& axis, PadMode mode);
AxisReads PlacesLaidDown(int number, const WindowAxis& axis);

// Calls body(tap, pixel) for each element of the window that `output` (a place on each of the three axes) looks
// through, in the order of the kernel's memory: `pixel` is the input's, counted within a picture; -1: a zero of the
// padding; -2: nothing, past the padding.
template <typename Body>
void ForWindow(const std::array<WindowAxis, 3>& axes, PadMode mode, const std::array<int64_t, 3>& output,
               const Body& body) {
  const int64_t taps = axes[0].size * axes[1].size * axes[2].size;
  for (int64_t tap = 0; tap < taps; ++tap) {
    const int64_t elements[] = {tap / axes[2].size / axes[1].size, tap / axes[2].size % axes[1].size,
                                tap % axes[2].size};
    int64_t pixel = 0;
    for (int k = 0; k < 3; ++k) {
      const int64_t at = output[k] * axes[k].stride + elements[k] * axes[k].dilation - axes[k].pad_before;
      const int64_t source = at >= axes[k].in + axes[k].pad_after ? -2 : SourceIndex(at, axes[k].in, mode);
      pixel = pixel == -2 || source == -2 ? -2 : pixel < 0 || source < 0 ? -1 : pixel * axes[k].in + source;
    }
    body(tap, pixel);
  }
}

// The place on depth, rows and columns of the element whose places on (N, spatial..., C) are these.
std::array<int64_t, 3> SpatialPlaces(const std::vector<int64_t>& places);

// Throws Error unless `input` is (N, spatial..., C) with one to three spatial axes; returns how many.
int SpatialRank(const Shape& input);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_SLIDING_WINDOW_H_
