// The same numbers in another type.
#ifndef CONVSCOPE_GRAPH_CAST_OPERATION_H_
#define CONVSCOPE_GRAPH_CAST_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// One input of any type. Floating numbers lose their fraction where they become integers; those that the integer type
// does not hold become the nearest that it has, NaN becomes 0. Integers wrap around. What is not 0 becomes true, NaN
// too; true becomes 1. The gradient passes between floating types.
struct CastOp {
  DType to = DType::kFloat32;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CAST_OPERATION_H_
