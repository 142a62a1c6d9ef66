// One number a channel: the mean or the maximum of all its pixels.
#ifndef CONVSCOPE_GRAPH_GLOBAL_POOL_OPERATION_H_
#define CONVSCOPE_GRAPH_GLOBAL_POOL_OPERATION_H_

#include "convscope/graph/operation.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// x (N, spatial..., C) -> (N, C), or (N, 1..., C) with `keep_axes`; float32 or float64, at least one pixel. Keras'
// GlobalAveragePooling and GlobalMaxPooling. Where several pixels are the maximum, they share its gradient evenly, as
// TensorFlow's reduce_max has it.
struct GlobalPoolOp {
  PoolKind kind = PoolKind::kAverage;
  bool keep_axes = false;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_GLOBAL_POOL_OPERATION_H_
