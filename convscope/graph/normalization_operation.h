// Data with mean 0 and variance 1, by a mean and a variance that are known: Keras' Normalization. It learns nothing.
#ifndef CONVSCOPE_GRAPH_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_NORMALIZATION_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs, float32 or float64, C the length of the last axis of x: x (..., C), mean (C,), variance (C,).
// y = (x - mean) / max(sqrt(variance), epsilon), of the shape of x. Infer throws Error for other shapes.
struct NormalizationOp {
  double epsilon = 1e-7;  // above 0

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_NORMALIZATION_OPERATION_H_
