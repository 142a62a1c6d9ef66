// The same elements in the same order under another shape.
#ifndef CONVSCOPE_GRAPH_RESHAPE_OPERATION_H_
#define CONVSCOPE_GRAPH_RESHAPE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// `shape`: the new lengths; 0 keeps the input's length of that axis, one -1 takes what is left. Flatten is {0, -1}.
struct ReshapeOp {
  std::vector<int64_t> shape = {0, -1};

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_RESHAPE_OPERATION_H_
