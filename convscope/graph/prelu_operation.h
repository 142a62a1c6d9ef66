// A rectifier whose slope below 0 is learned (He et al. 2015, arXiv 1502.01852).
#ifndef CONVSCOPE_GRAPH_PRELU_OPERATION_H_
#define CONVSCOPE_GRAPH_PRELU_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs, float32 or float64: x (N, ...), alpha, which has the axes of x but the first, or all of them, and length 1
// where one slope serves a whole axis (Keras' shared_axes). y = x where x > 0, else alpha * x; of the shape of x.
// Infer throws Error for other shapes.
struct PReluOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PRELU_OPERATION_H_
