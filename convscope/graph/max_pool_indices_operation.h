// Where the maxima of a pool lie, and putting values back there. The maxima themselves are PoolOp's.
#ifndef CONVSCOPE_GRAPH_MAX_POOL_INDICES_OPERATION_H_
#define CONVSCOPE_GRAPH_MAX_POOL_INDICES_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

// x (N, spatial..., C) of numbers -> int64 (N, out spatial..., C): for each window of a PoolOp of the same fields the
// place of its largest value, the first of equals, counted as ONNX counts the second output of MaxPool: in a tensor
// (N, C, spatial...), whose last axis moves fastest or, if column_major, whose first spatial axis does. NaN counts as
// largest; -1 where a window sees padding alone. It has no gradient.
struct MaxPoolIndicesOp {
  std::vector<int64_t> sizes = {2};
  std::vector<int64_t> strides = {};  // empty: the sizes, so that windows lie side by side
  std::vector<int64_t> dilations = {1};
  std::vector<Padding> padding = {Padding::Valid()};
  PadMode pad_mode = PadMode::kZero;
  bool ceil_mode = false;  // keep a last window that sticks out
  bool column_major = false;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

// x (N, spatial..., C) of float32 or float64 and int64 indices of the same shape, as MaxPoolIndicesOp counts them, row
// by row, in a tensor (N, C, lengths...) -> (N, lengths..., C): each value at the place that its index names, zeros
// elsewhere; where two share a place the last one stays. ONNX MaxUnpool, whose output_shape pads that. What runs throws
// Error for an index past the output.
struct MaxUnpoolOp {
  std::vector<int64_t> lengths;  // of the spatial axes

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_MAX_POOL_INDICES_OPERATION_H_
