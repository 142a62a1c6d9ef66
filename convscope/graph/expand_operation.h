// A tensor repeated along axes where it has one place, or none of its own. To lay copies side by side see TileOp.
#ifndef CONVSCOPE_GRAPH_EXPAND_OPERATION_H_
#define CONVSCOPE_GRAPH_EXPAND_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// ONNX Expand: the output has the shape that the input and `shape` are both broadcast to, axes compared from the last
// one on. An entry of 1 keeps the input's length, and so does -1, which is to say so of an axis whose length is not
// known, as a batch's. Elements are of any type. Infer throws Error where two lengths differ and neither is 1.
struct ExpandOp {
  std::vector<int64_t> shape;  // lengths

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_EXPAND_OPERATION_H_
