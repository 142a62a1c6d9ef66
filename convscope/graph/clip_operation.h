// Values held between two bounds.
#ifndef CONVSCOPE_GRAPH_CLIP_OPERATION_H_
#define CONVSCOPE_GRAPH_CLIP_OPERATION_H_

#include <limits>

#include "convscope/graph/operation.h"

namespace convscope {

// min(max(x, low), high) of each element of the only input, of any type but bool; NaN stays. Where low is above high,
// all become high. For integers the bounds are rounded inwards. The gradient passes from low to high, both included.
// Infer throws Error where a bound is NaN.
struct ClipOp {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CLIP_OPERATION_H_
