// One of two tensors, element by element.
#ifndef CONVSCOPE_GRAPH_WHERE_OPERATION_H_
#define CONVSCOPE_GRAPH_WHERE_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs condition (bool), x and y (of one type, any): x where the condition holds, else y. Their shapes are broadcast
// as MultiplyOp's are. Infer throws Error for other types and shapes.
struct WhereOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_WHERE_OPERATION_H_
