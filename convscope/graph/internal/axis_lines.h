// A tensor as lines of values along one axis. For the operations of this folder; not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_AXIS_LINES_H_
#define CONVSCOPE_GRAPH_INTERNAL_AXIS_LINES_H_

#include <algorithm>
#include <cstdint>

#include "convscope/tensor/shape.h"

namespace convscope {

struct AxisLines {
  AxisLines(const Shape& shape, int axis) : length(shape[axis]) {
    for (int i = 0; i < axis; ++i) count *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) step *= shape[i];
    count *= step;
  }

  // The first element of line `line`; lines are counted as the elements of the tensor without the axis are.
  int64_t First(int64_t line) const { return line / step * step * length + line % step; }
  // Lines that keep a thread busy for some microseconds.
  int64_t grain() const { return (int64_t{1} << 13) / std::max<int64_t>(length, 1) + 1; }

  int64_t count = 1;  // lines
  int64_t length;     // values of a line
  int64_t step = 1;   // elements between them
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_AXIS_LINES_H_
