// The product of tensors, element by element: gates and masks.
#ifndef CONVSCOPE_GRAPH_MULTIPLY_OPERATION_H_
#define CONVSCOPE_GRAPH_MULTIPLY_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Two inputs or more, of one type (any but bool; integers wrap around), of one shape but for axes of length 1, which
// are repeated to the length that the others have; a tensor of fewer axes gets axes of length 1 in front (ONNX'
// multidirectional broadcasting, NumPy's). So (N, H, W, C) times (N, 1, 1, C) is a gate a channel. Infer throws Error
// for other shapes.
struct MultiplyOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_MULTIPLY_OPERATION_H_
