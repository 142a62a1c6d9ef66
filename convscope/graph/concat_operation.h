// Tensors one after the other along an axis: what joins branches that keep their channels.
#ifndef CONVSCOPE_GRAPH_CONCAT_OPERATION_H_
#define CONVSCOPE_GRAPH_CONCAT_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// One input or more of one type and one shape but for the length of `axis`; the output is as long there as they are
// together. A negative axis counts from the end: -1, the channels, is Keras' default. Elements are of any type. Infer
// throws Error for an axis that is not there and for shapes that differ elsewhere.
struct ConcatOp {
  int64_t axis = -1;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CONCAT_OPERATION_H_
