// Where in the picture a value of a layer looks: the rectangle that holds its receptive field. Not which pixels of the
// rectangle it depends on (a dilated kernel leaves holes), nor how much.
#ifndef CONVSCOPE_INSPECT_FIELD_BOX_H_
#define CONVSCOPE_INSPECT_FIELD_BOX_H_

#include <cstdint>
#include <string_view>

#include "convscope/graph/graph.h"

namespace convscope {

// In pixels of the picture. It may begin before the picture's first pixel and end behind its last one: what lies there
// is padding. So all places of a layer have boxes of one size, unless they are whole, or some padding on the way
// repeats pixels (reflect, edge): then the box is of the pixels that are read, and beyond the border there is nothing.
struct FieldBox {
  int64_t row = 0, column = 0;  // of the upper left pixel
  int64_t rows = 1, columns = 1;
  bool whole = false;  // the value depends on all of the picture, and the box is the picture

  bool operator==(const FieldBox&) const = default;
};

// The part of `box` that is in a picture of so many rows and columns; of no size where there is none.
FieldBox Inside(const FieldBox& box, int64_t rows, int64_t columns);

// The box of the value at (row, column) of `tensor`, found by walking back from it through the windows of
// convolutions, pools, paddings, crops and enlargements, in a graph with one input of pictures (N, H, W, C). What mixes
// places (a dense layer of a flattened picture, a global pool), and what is not known to keep them apart, sees the
// whole picture. Throws Error for an unknown tensor, one that does not depend on the input, a place outside of it, and
// a graph with another input.
FieldBox FieldBoxOf(const Graph& graph, std::string_view tensor, int64_t row, int64_t column);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_FIELD_BOX_H_
