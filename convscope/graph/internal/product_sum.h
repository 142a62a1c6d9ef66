// The gradient of an operand that was repeated: sums over what it was repeated along. For the operations of this
// folder; not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_PRODUCT_SUM_H_
#define CONVSCOPE_GRAPH_INTERNAL_PRODUCT_SUM_H_

#include <string>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// One or two inputs, float32 or float64; output: their product, summed over all places where a tensor of the shape
// `to`, repeated to their common shape, has one element.
OperationPtr ProductSum(Shape to);

// Adds what makes a gradient of the shape of the node's output one of its input `i`: the product of `factors` (one or
// two tensors), summed where the input was repeated, under the name wanted. Returns the tensor that holds it: the
// factor itself, where there is one and nothing was repeated.
std::string AddRepeatedGradient(const NodeGradient& node, size_t i, const std::vector<std::string>& factors);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_PRODUCT_SUM_H_
