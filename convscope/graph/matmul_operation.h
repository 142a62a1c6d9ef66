// The product of matrices, many at once.
#ifndef CONVSCOPE_GRAPH_MATMUL_OPERATION_H_
#define CONVSCOPE_GRAPH_MATMUL_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs a (..., M, K) and b (..., K, N), float32 or float64, none of them empty; output (..., M, N). The axes in front
// are broadcast as MultiplyOp's are. A list a (K,) is one row, and M falls away; a list b (K,) is one column, and N
// falls away (NumPy's matmul). Infer throws Error for other shapes.
struct MatMulOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_MATMUL_OPERATION_H_
