// Dropout (Srivastava et al. 2014): while a network learns, some activations are 0.
#ifndef CONVSCOPE_GRAPH_DROPOUT_OPERATION_H_
#define CONVSCOPE_GRAPH_DROPOUT_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// x (N, ...) -> y of the same shape, float32 or float64. Inference: y is x, a view.
//
// Training (Operation::AddForTraining): y = x * mask, where the mask is a tensor of its own, NAME/mask, whose values
// are 0 with probability `rate`, else 1 / (1 - rate), so that the expected sum stays. It has the shape of x, or, with
// `spatial`, (N, 1..., C), so that whole channels are dropped (Tompson et al. 2015; Keras' SpatialDropout). The random
// numbers are keyed by (seed, "dropout/NAME", epoch, sample), see RandomState: the mask of a sample does not depend on
// the batch that it is in, nor on float32 or float64. In Philox' stream of that key, 16 bits are an element, the lower
// half of each word first: it is dropped when they are below round(65536 * rate), a rate to the nearest 2^-16.
//
// Infer throws Error for a rate outside [0, 1).
struct DropoutOp {
  double rate = 0.5;
  bool spatial = false;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_DROPOUT_OPERATION_H_
