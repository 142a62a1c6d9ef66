// More elements around a tensor: zeros or another value, or copies of what is there.
#ifndef CONVSCOPE_GRAPH_PAD_OPERATION_H_
#define CONVSCOPE_GRAPH_PAD_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

// Output axis i is before[i] + n + after[i] long, where n is the input's length; one entry an axis, the batch and the
// channels included; none negative. The modes are those of PadMode; `value` is what kZero puts there.
// Elements are of any type. ONNX Pad is the same (constant, edge, reflect, wrap), with both lists in one.
//
// Infer throws Error for another number of entries, a negative one, a `value` that another mode would not use, and
// where a mode has nothing to copy: reflect needs paddings below n, wrap at most n, edge an element.
struct PadOp {
  std::vector<int64_t> before;  // elements
  std::vector<int64_t> after;   // elements
  PadMode mode = PadMode::kZero;
  double value = 0;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PAD_OPERATION_H_
