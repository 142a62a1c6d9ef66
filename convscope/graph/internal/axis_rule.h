// The axis that an operation is told, counted from the end where it is negative. For the operations of this folder; not
// for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_AXIS_RULE_H_
#define CONVSCOPE_GRAPH_INTERNAL_AXIS_RULE_H_

#include <cstdint>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tensor/shape.h"

namespace convscope {

inline int AxisOf(int64_t axis, int rank) {
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// The same; throws Error where `x` has no such axis.
inline int CheckedAxis(int64_t axis, const Shape& x) {
  const int rank = x.rank();
  if (axis < -rank || axis >= rank) {
    throw Error({.rule = rank == 0 ? std::string("a tensor that is read along an axis has one")
                                   : Concat("the axis is one of ", x.ToString(), ", ", -rank, " to ", rank - 1),
                 .received = std::to_string(axis)});
  }
  return AxisOf(axis, rank);
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_AXIS_RULE_H_
