// Pooling by the norm of each window.
#ifndef CONVSCOPE_GRAPH_LP_POOL_OPERATION_H_
#define CONVSCOPE_GRAPH_LP_POOL_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

// x (N, spatial..., C) -> (N, out spatial..., C), float32 or float64: (sum |x|^p)^(1/p) over each window, which slides
// as that of PoolOp does; zeros of the padding add nothing. ONNX LpPool is the same. Lists hold one value for all
// spatial axes, or one an axis. Infer throws Error for a p below 1 and where PoolOp's does.
struct LpPoolOp {
  int64_t p = 2;
  std::vector<int64_t> sizes = {2};
  std::vector<int64_t> strides = {};  // empty: the sizes, so that windows lie side by side
  std::vector<int64_t> dilations = {1};
  std::vector<Padding> padding = {Padding::Valid()};
  PadMode pad_mode = PadMode::kZero;
  bool ceil_mode = false;  // keep a last window that sticks out

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_LP_POOL_OPERATION_H_
