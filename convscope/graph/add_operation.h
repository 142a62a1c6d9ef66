// The sum of tensors of one type, element by element: what joins branches, and the terms of a gradient.
#ifndef CONVSCOPE_GRAPH_ADD_OPERATION_H_
#define CONVSCOPE_GRAPH_ADD_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

struct AddOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ADD_OPERATION_H_
