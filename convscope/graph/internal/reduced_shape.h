// The axes of a tensor that an operation reduces, and how the values of each result lie. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_REDUCED_SHAPE_H_
#define CONVSCOPE_GRAPH_INTERNAL_REDUCED_SHAPE_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/reads.h"
#include "convscope/tensor/shape.h"

namespace convscope {

// The place of axis `axis`, from behind if negative; throws Error where there is none.
int AxisOf(int64_t axis, const Shape& shape);

// Throws Error for an axis that is not there or named twice.
std::vector<bool> ReducedAxes(const std::vector<int64_t>& axes, const Shape& shape);

// `shape` with a 1 for each reduced axis, or without them.
Shape ReducedShape(const Shape& shape, const std::vector<bool>& reduced, bool keep_axes);

// All of the reduced axes and the same place on the others.
InputReads ReducedReads(const Shape& shape, const std::vector<bool>& reduced, bool keep_axes);

// The elements of a tensor of `shape` that result `element` is made of, in the order of memory.
std::vector<int64_t> ElementsReduced(const Shape& shape, const std::vector<bool>& reduced, int64_t element);

// How a reduction walks through memory. Axes that lie together and share a fate count as one. The results are
// (rows, inner); inner is the run of kept elements at the end of memory, 1 where the last axis is reduced. A result is
// made of `spots` runs of `run` values, one behind the other where run > 1 (then inner is 1); run is 1 where inner may
// be more.
struct ReductionPlan {
  ReductionPlan(const Shape& shape, const std::vector<bool>& reduced);

  int64_t rows = 1, inner = 1, run = 1;
  std::vector<int64_t> row_offsets;                                                  // of each row's first element
  std::vector<int64_t> spot_offsets;                                                 // from there, of each run
  int64_t count() const { return static_cast<int64_t>(spot_offsets.size()) * run; }  // values of a result
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_REDUCED_SHAPE_H_
