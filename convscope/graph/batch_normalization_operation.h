// Batch normalization (Ioffe and Szegedy 2015, arXiv 1502.03167), by Keras' rules.
#ifndef CONVSCOPE_GRAPH_BATCH_NORMALIZATION_OPERATION_H_
#define CONVSCOPE_GRAPH_BATCH_NORMALIZATION_OPERATION_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Inputs, in this order, float32 or float64, C the length of the last axis of x:
//   x (N, ..., C), gamma (C,) if `scale`, beta (C,) if `center`, moving_mean (C,), moving_variance (C,).
// Output: y, of the shape of x.
//
// Inference: y = (x - moving_mean) / sqrt(moving_variance + epsilon) * gamma + beta.
//
// Training (Operation::AddForTraining): the mean and the variance of each channel over all other axes of the batch take
// the place of the moving ones. The variance is the biased one (divided by the number of values), here and in what the
// moving variance learns, as in Keras (PyTorch's is the unbiased one). The node has, besides y, the outputs
//   NAME/batch_mean, NAME/batch_variance (C,): of this batch;
//   MEAN/updated, VARIANCE/updated (C,), after the names of those inputs: momentum * moving + (1 - momentum) * batch,
// and the last two are registered in TrainingNode::updates under the names of moving_mean and moving_variance. The
// gradient is that of y, through the statistics of the batch; none passes through the other outputs.
//
// Infer throws Error for another number of inputs or other shapes, and for an epsilon or a momentum out of range.
struct BatchNormalizationOp {
  double epsilon = 1e-3;   // above 0
  double momentum = 0.99;  // 0 to 1
  bool center = true;
  bool scale = true;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_BATCH_NORMALIZATION_OPERATION_H_
