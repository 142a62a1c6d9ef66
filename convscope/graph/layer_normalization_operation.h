// Layer normalization (Ba, Kiros and Hinton 2016, arXiv 1607.06450), by Keras' rules; no moving statistics.
#ifndef CONVSCOPE_GRAPH_LAYER_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_LAYER_NORMALIZATION_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs, in this order, float32 or float64: x, gamma if `scale`, beta if `center`, both of the lengths of x from
// `axis` to the last one (or as many elements in one axis). Output: y, of the shape of x.
//
// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the mean and the biased variance of each run of the
// axes from `axis` to the last one. A negative axis counts from the end. ONNX LayerNormalization is the same with an
// epsilon of 1e-5. Infer throws Error for other inputs, an axis that is not there, and an epsilon not above 0.
struct LayerNormalizationOp {
  int64_t axis = -1;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_LAYER_NORMALIZATION_OPERATION_H_
