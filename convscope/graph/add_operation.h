// The sum of tensors of one type, element by element: what joins branches, and the terms of a gradient.
#ifndef CONVSCOPE_GRAPH_ADD_OPERATION_H_
#define CONVSCOPE_GRAPH_ADD_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Two inputs or more, of one type (any but bool; integers wrap around), of one shape but for axes of length 1, which
// are repeated as MultiplyOp's are: (N, H, W, C) plus (C,) is a bias. Infer throws Error for other shapes.
struct AddOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ADD_OPERATION_H_
