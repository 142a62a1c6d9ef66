// Part of a tensor: what is left when elements are taken away at both ends of each axis.
#ifndef CONVSCOPE_GRAPH_CROP_OPERATION_H_
#define CONVSCOPE_GRAPH_CROP_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// Output axis i is n - before[i] - after[i] long, where n is the input's length: at least 0. One entry an axis, the
// batch and the channels included; none negative. Elements are of any type. Infer throws Error otherwise.
struct CropOp {
  std::vector<int64_t> before;  // elements
  std::vector<int64_t> after;   // elements

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CROP_OPERATION_H_
