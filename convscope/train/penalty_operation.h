// What a regularizer adds to the loss, as a node: l1 times the sum of absolute values plus l2 times that of squares.
//
// It is in the graph of a training step only; a network's own Graph does not know that it is regularized.
#ifndef CONVSCOPE_TRAIN_PENALTY_OPERATION_H_
#define CONVSCOPE_TRAIN_PENALTY_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// x, float32 or float64 -> (1,), the sum over all of x; or, for x (N, ...), a sum for each sample, (N,). Summed in
// double, in an order that does not depend on the number of threads. The gradient of |x| at 0 is 0.
struct PenaltyOp {
  double l1 = 0;
  double l2 = 0;
  bool per_sample = false;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_PENALTY_OPERATION_H_
