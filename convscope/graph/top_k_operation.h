// The largest or smallest values along an axis, in order, and where they stand.
#ifndef CONVSCOPE_GRAPH_TOP_K_OPERATION_H_
#define CONVSCOPE_GRAPH_TOP_K_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// One input of any type but bool. Two outputs, with length k along the axis: the values, the largest (smallest) first,
// and their places along it, int64. Of equal values that of the lower place comes first; a NaN counts as the largest.
// The gradient of the values goes to where they came from. Infer throws Error where the axis is not there or has fewer
// values.
struct TopKOp {
  int64_t k = 1;
  int64_t axis = -1;  // from 0, or, negative, from behind the last one
  bool largest = true;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_TOP_K_OPERATION_H_
