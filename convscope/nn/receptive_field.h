// How much of the input the values of a tensor depend on, and how far these fields are apart, from the operations on
// the way: their kernels, strides and dilations.
//
// Not here: which pixels one value depends on, with holes and borders; that is inspect/receptive_pixels.h.
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
  // Of each spatial axis, in pixels: the step from the field of a value to that of the next one; and the centre of the
  // first value's field, counted from the centre of the first pixel (below 0: in the padding). Empty where size is, and
  // NaN along an axis that is seen whole.
  std::vector<double> stride, offset;
  bool whole() const { return size.empty(); }
  std::string ToString() const;  // "5 x 5", "all"
  // "2 x 2", and "2" where all axes have the same; "-" where there is none.
  std::string StrideText() const;
  std::string OffsetText() const;
  bool operator==(const ReceptiveField&) const = default;
};

// For every tensor that a graph with inputs (N, spatial..., C) computes. What mixes places (a dense layer of a
// flattened picture, a global pool) sees all of it; so does, to be safe, an operation that is not known to keep places
// apart.
std::map<std::string, ReceptiveField> ReceptiveFields(const Graph& graph);

}  // namespace convscope

#endif  // CONVSCOPE_NN_RECEPTIVE_FIELD_H_
