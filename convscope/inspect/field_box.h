// Where in the picture a value of a layer looks: the rectangle that holds its receptive field. Not which pixels of the
// rectangle it depends on (a dilated kernel leaves holes), nor how much.
#ifndef CONVSCOPE_INSPECT_FIELD_BOX_H_
#define CONVSCOPE_INSPECT_FIELD_BOX_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "convscope/graph/graph.h"

namespace convscope {

// In pixels of the picture. It may begin before the picture's first pixel and end behind its last one: what lies there
// is padding. So all places of a layer have boxes of one size, unless they read whole maps on the way, or some padding
// repeats pixels (reflect, edge, wrap): then the box is of the pixels that are read, and beyond the border there is
// nothing. Of no size where nothing of the picture is read.
struct FieldBox {
  int64_t row = 0, column = 0;  // of the upper left pixel
  int64_t rows = 1, columns = 1;
  bool whole = false;  // a whole map is read on the way, and the box is the picture

  bool operator==(const FieldBox&) const = default;
};

// The part of `box` that is in a picture of so many rows and columns; of no size where there is none.
FieldBox Inside(const FieldBox& box, int64_t rows, int64_t columns);

// The boxes of one tensor of a graph with one input of pictures (N, H, W, C), found by walking back from it through
// what each operation reads (Operation::Reads); an operation that does not say reads everything. The graph must outlive
// it.
class FieldBoxes {
 public:
  // Throws Error for an unknown tensor, one that does not depend on the input, and a graph with another input.
  FieldBoxes(const Graph& graph, std::string_view tensor);
  FieldBoxes(FieldBoxes&&) noexcept;
  FieldBoxes& operator=(FieldBoxes&&) noexcept;
  ~FieldBoxes();

  // Of the values of all channels at (row, column). Where a tensor has no places (a dense layer), it has row 0 and
  // column 0, and the box is that of all its values. Throws Error for a place outside of it.
  FieldBox At(int64_t row, int64_t column) const;

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_FIELD_BOX_H_
