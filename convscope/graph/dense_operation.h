// A dense layer as an operation: inputs x (..., I), kernel (I, O) and, optionally, bias (O,); output (..., O), each the
// product of a row of I values with the kernel, plus the bias.
#ifndef CONVSCOPE_GRAPH_DENSE_OPERATION_H_
#define CONVSCOPE_GRAPH_DENSE_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

struct DenseOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_DENSE_OPERATION_H_
