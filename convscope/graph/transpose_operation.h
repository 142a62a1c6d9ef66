// The axes in another order. It moves elements of any type; for another shape in the same order see ReshapeOp.
#ifndef CONVSCOPE_GRAPH_TRANSPOSE_OPERATION_H_
#define CONVSCOPE_GRAPH_TRANSPOSE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// Output axis i is input axis axes[i], as in ONNX Transpose and numpy.transpose: {0, 3, 1, 2} makes (N, C, H, W) of
// (N, H, W, C). `axes` names every axis of the input once; Infer throws Error otherwise.
struct TransposeOp {
  std::vector<int64_t> axes;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_TRANSPOSE_OPERATION_H_
