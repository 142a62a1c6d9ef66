// Max and average pooling as operations: input (N, spatial..., C), output (N, out spatial..., C). One to three spatial
// axes, as many as the input has.
#ifndef CONVSCOPE_GRAPH_POOL_OPERATION_H_
#define CONVSCOPE_GRAPH_POOL_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// Lists hold one value for all spatial axes, or one an axis.
struct PoolOp {
  PoolKind kind = PoolKind::kMax;
  std::vector<int64_t> sizes = {2};
  std::vector<int64_t> strides = {};  // empty: the sizes, so that windows lie side by side
  std::vector<int64_t> dilations = {1};
  std::vector<Padding> padding = {Padding::Valid()};
  PadMode pad_mode = PadMode::kZero;
  bool ceil_mode = false;          // keep a last window that sticks out
  bool count_include_pad = false;  // average: padding of kZero counts as zeroes

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_POOL_OPERATION_H_
