// The window of a pool as attributes tell it, for the pools of this folder that are neither maximum nor average. Not
// for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_POOL_WINDOW_H_
#define CONVSCOPE_GRAPH_INTERNAL_POOL_WINDOW_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/sliding_window.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// Of LpPoolOp, MaxPoolIndicesOp, ...; no strides are the sizes.
template <typename Op>
SlidingWindow WindowOf(const Op& op) {
  return {.sizes = op.sizes,
          .strides = op.strides.empty() ? op.sizes : op.strides,
          .dilations = op.dilations,
          .padding = op.padding,
          .pad_mode = op.pad_mode,
          .ceil_mode = op.ceil_mode};
}

template <typename Op>
PoolSpec SpecOf(const Op& op, const Shape& x) {
  return {.rank = SpatialRank(x),
          .axes = WindowOf(op).Axes(x),
          .batch = x[0],
          .channels = x.back(),
          .pad_mode = op.pad_mode};
}

template <typename Op>
std::vector<Attribute> WindowAttributes(const Op& op) {
  std::vector<Attribute> list = WindowOf(op).Attributes();
  list.insert(list.begin(), {"sizes", op.sizes});
  list.push_back({"ceil_mode", op.ceil_mode});
  return list;
}

inline InputReads PoolReads(const PoolSpec& spec) {
  InputReads x{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
  for (int i = 0; i < spec.rank; ++i) x.axes.push_back(PlacesSeen(1 + i, spec.axes[3 - spec.rank + i], spec.pad_mode));
  x.axes.push_back(AxisReads::Same(1 + spec.rank));
  return x;
}

inline int64_t InputPixels(const PoolSpec& spec) {
  return spec.axes[0].in * spec.axes[1].in * spec.axes[2].in;
}
inline int64_t OutputPixels(const PoolSpec& spec) {
  return spec.axes[0].out() * spec.axes[1].out() * spec.axes[2].out();
}

// Calls body(pixel) for each pixel of the picture that the window at output pixel `output` sees, in the kernel's order.
template <typename Body>
void ForPixels(const PoolSpec& spec, int64_t output, const Body& body) {
  const int64_t rows = spec.axes[1].out(), columns = spec.axes[2].out();
  ForWindow(spec.axes, spec.pad_mode, {output / columns / rows, output / columns % rows, output % columns},
            [&](int64_t, int64_t pixel) {
              if (pixel >= 0) body(pixel);
            });
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_POOL_WINDOW_H_
