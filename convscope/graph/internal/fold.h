// What never changes, computed once: the same outputs from fewer nodes. Not for users; Run begins with it.
//
// Nodes that read parameters alone become parameters. A line by channels (batch normalization, a product or sum with a
// constant) behind an operation with a constant kernel goes into kernel and bias, where nobody else reads what is in
// between. Trace does not fold: it has every tensor.
#ifndef CONVSCOPE_GRAPH_INTERNAL_FOLD_H_
#define CONVSCOPE_GRAPH_INTERNAL_FOLD_H_

#include <set>
#include <string>

#include "convscope/graph/model.h"

namespace convscope {

struct FoldedModel {
  Model model;        // every input of the graph, the nodes that the outputs need, and the parameters that those read
  int constants = 0;  // nodes that became parameters
  int lines = 0;      // nodes that went into the kernel before them
};

// `outputs`: names of computed tensors, which stay. Constants alone change no bit. With a line, a kernel is computed in
// float64 and rounded once: where a sum of products of n terms had the absolute value A behind the line (with the
// absolute values of all that it is made of), both forms are within (n + 8) 2^-24 A of the exact result, so long as
// nothing overflows and no product with a weight falls below the smallest normal number. A line that makes a weight
// infinite or NaN is not folded.
FoldedModel Fold(const Model& model, const std::set<std::string, std::less<>>& outputs);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_FOLD_H_
