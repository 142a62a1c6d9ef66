// Activation functions as operations: one input, one output of the same type. Softmax and log_softmax run along the
// last axis.
#ifndef CONVSCOPE_GRAPH_ACTIVATION_OPERATION_H_
#define CONVSCOPE_GRAPH_ACTIVATION_OPERATION_H_

#include "convscope/graph/operation.h"
#include "convscope/kernels/activation.h"

namespace convscope {

struct ActivationOp {
  Activation activation;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ACTIVATION_OPERATION_H_
