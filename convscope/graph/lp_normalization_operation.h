// Runs of values divided by their norm.
#ifndef CONVSCOPE_GRAPH_LP_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_LP_NORMALIZATION_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// ONNX LpNormalization: each run along `axis` (counted from the end where negative) divided by (sum |x|^p)^(1/p), p 1
// or 2; a run of zeros stays zero. Float32 or float64. Infer throws Error for another p and an axis that is not there.
struct LpNormalizationOp {
  int64_t axis = -1;
  int64_t p = 2;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_LP_NORMALIZATION_OPERATION_H_
