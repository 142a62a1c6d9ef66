// Group normalization (Wu and He 2018, arXiv 1803.08494), and instance normalization, where each channel is a group.
#ifndef CONVSCOPE_GRAPH_GROUP_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_GROUP_NORMALIZATION_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs, float32 or float64: x (N, spatial..., C), scale (C,), bias (C,). Output: y, of the shape of x.
//
// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with the mean and the biased variance of all pixels of one
// sample and one group of channels that follow each other. `groups` 0: each channel alone (ONNX
// InstanceNormalization). Infer throws Error for other inputs, groups that share no channels evenly, an input without
// pixels or axes for them, and a negative epsilon.
struct GroupNormalizationOp {
  int64_t groups = 0;
  double epsilon = 1e-5;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_GROUP_NORMALIZATION_OPERATION_H_
