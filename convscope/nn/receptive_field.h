// How much of the input a value of a tensor depends on, from the operations on the way: their kernels, strides and
// dilations.
//
// Not here: which pixels it depends on most, or where exactly; that is measured with gradients.
#ifndef CONVSCOPE_NN_RECEPTIVE_FIELD_H_
#define CONVSCOPE_NN_RECEPTIVE_FIELD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

// Of the first input of the graph that the tensor depends on.
struct ReceptiveField {
  // Pixels of each spatial axis, borders not considered, never more than there are; empty: the whole input.
  std::vector<int64_t> size;
  bool whole() const { return size.empty(); }
  std::string ToString() const;  // "5 x 5", "all"
  bool operator==(const ReceptiveField&) const = default;
};

// For every tensor that a graph with inputs (N, spatial..., C) computes. What mixes places (a dense layer of a
// flattened picture, a global pool) sees all of it; so does, to be safe, an operation that is not known to keep places
// apart.
std::map<std::string, ReceptiveField> ReceptiveFields(const Graph& graph);

}  // namespace convscope

#endif  // CONVSCOPE_NN_RECEPTIVE_FIELD_H_
