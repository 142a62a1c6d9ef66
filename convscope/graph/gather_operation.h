// Elements picked by indices that are a tensor themselves.
#ifndef CONVSCOPE_GRAPH_GATHER_OPERATION_H_
#define CONVSCOPE_GRAPH_GATHER_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs of both: data of any type, and indices, int32 or int64; a negative one counts from the end. What runs throws
// Error for an index that is not on the axis. A negative `axis` counts from the end. Gradients are those of the data:
// what was picked twice gets the sum.

// numpy.take, ONNX Gather: the axis of the data is replaced by the axes of the indices. (N, H, W, C) picked along axis
// 1 by (A, B) is (N, A, B, W, C).
struct GatherOp {
  int64_t axis = 0;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

// numpy.take_along_axis, ONNX GatherElements: the output has the shape of the indices, which have as many axes as the
// data and are no longer elsewhere; each is the place along `axis` of the element that goes there.
struct GatherElementsOp {
  int64_t axis = 0;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_GATHER_OPERATION_H_
