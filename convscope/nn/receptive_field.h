// How much of the input the values of a tensor depend on, and how far these fields are apart, for all tensors at once:
// from what each operation on the way reads (Operation::Reads), whatever its name.
//
// Not here: where the field of one value lies (inspect/field_box.h), and which of its pixels count, with holes and
// borders (inspect/receptive_pixels.h).
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
  // Pixels of each spatial axis, never more than there are, and as if a map had no border where the field moves with
  // the place; empty: the whole input.
  std::vector<int64_t> size;
  // The pixels that it would have in a picture without borders, where they are more than there are along an axis; else
  // empty.
  std::vector<int64_t> unbounded;
  // Of each spatial axis, in pixels: the step from the field of a value to that of the next one; and the centre of the
  // first value's field, counted from the centre of the first pixel (below 0: in the padding). Empty where size is, and
  // NaN along an axis where they are no one number: all values see the same, or a flattened picture's fields go on in
  // the next row.
  std::vector<double> stride, offset;
  bool whole() const { return size.empty(); }
  const std::vector<int64_t>& pixels() const { return unbounded.empty() ? size : unbounded; }
  std::string ToString() const;  // "5 x 5", also of pixels that the picture does not have; "all"
  // "2 x 2", and "2" where all axes have the same; "-" where there is none.
  std::string StrideText() const;
  std::string OffsetText() const;
  bool operator==(const ReceptiveField&) const = default;
};

// For every tensor that a graph with inputs (N, spatial..., C) computes. The channels are the last axis, or, where
// windows slide over that, another. What reads all places of a map (a dense layer of a flattened picture, a global
// pool) sees what the map sees, mostly all of the input; so does, to be safe, an operation that does not say what it
// reads, and a sum of fields that move apart.
std::map<std::string, ReceptiveField> ReceptiveFields(const Graph& graph);

}  // namespace convscope

#endif  // CONVSCOPE_NN_RECEPTIVE_FIELD_H_
