// Where along an axis the largest or the smallest value stands.
#ifndef CONVSCOPE_GRAPH_ARG_MAX_OPERATION_H_
#define CONVSCOPE_GRAPH_ARG_MAX_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// One input of any type but bool; output int64, the place along the axis, from 0. A NaN counts as the largest value and
// as the smallest one (NumPy's rule). Infer throws Error where the axis is not there or has length 0. No gradient.
struct ArgMaxOp {
  int64_t axis = -1;      // from 0, or, negative, from behind the last one
  bool keep_axis = true;  // it stays, with length 1
  bool least = false;     // of the smallest value
  bool last = false;      // the last of places that are equal, else the first

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ARG_MAX_OPERATION_H_
