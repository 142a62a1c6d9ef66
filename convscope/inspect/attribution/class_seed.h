// Where the backward pass of an attribution begins: one class' score, chosen inside the graph, so that the predicted
// class is known without a forward pass of its own. Not a layer of networks.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_CLASS_SEED_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_CLASS_SEED_H_

#include "convscope/graph/operation.h"

namespace convscope {

// Logits (N, 1 ..., K) float32 and classes (N,) int64 -> their gradient of the sum of ScoreOf each row: 1 at the class
// and 0 elsewhere; for K = 1, 1 for class 1 and -1 for class 0. kPredictedClass is the class with the highest score. No
// class may be out of range.
struct ClassSeedOp {
  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_CLASS_SEED_H_
