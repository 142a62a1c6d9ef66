// Places picked from each axis at even steps, forwards or backwards. To take a few elements from the ends see CropOp.
#ifndef CONVSCOPE_GRAPH_SLICE_OPERATION_H_
#define CONVSCOPE_GRAPH_SLICE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// One entry an axis: output place i shows input place starts[axis] + i steps[axis], for i in [0, counts[axis]). A count
// of -1 is all of the axis, with start 0 and step 1: whatever its length is, as a batch's. Elements are of any type.
// ONNX Slice is the same once its ends are counted. Infer throws Error for a place that is not there.
struct SliceOp {
  std::vector<int64_t> starts;  // places
  std::vector<int64_t> counts;  // places
  std::vector<int64_t> steps;   // places, not 0

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_SLICE_OPERATION_H_
