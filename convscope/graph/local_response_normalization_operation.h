// Local response normalization across channels (Krizhevsky et al. 2012, section 3.3), by ONNX' formula.
#ifndef CONVSCOPE_GRAPH_LOCAL_RESPONSE_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_LOCAL_RESPONSE_NORMALIZATION_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// x (..., C) -> y of the same shape, float32 or float64:
//   y[c] = x[c] / (bias + alpha / size * sum of x[i]^2)^beta,  i from c - floor((size-1)/2) to c + ceil((size-1)/2),
// as far as there are channels. The paper and TensorFlow multiply by alpha alone: their alpha is ours over size.
// Infer throws Error for a size below 1, and for a bias not above 0 or an alpha below 0, which could divide by 0.
struct LocalResponseNormalizationOp {
  int64_t size = 5;  // channels
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_LOCAL_RESPONSE_NORMALIZATION_OPERATION_H_
