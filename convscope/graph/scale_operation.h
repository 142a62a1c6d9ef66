// The same linear function of every element: Keras' Rescaling. Not one a channel: see NormalizationOp.
#ifndef CONVSCOPE_GRAPH_SCALE_OPERATION_H_
#define CONVSCOPE_GRAPH_SCALE_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// y = x * scale + offset, x of any shape, float32 or float64.
struct ScaleOp {
  double scale = 1;
  double offset = 0;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_SCALE_OPERATION_H_
