// Which pixels of the picture can move a value of a network: exactly, from what each operation on the way reads. Holes
// of dilations, borders and branches are in it.
//
// Structure, not numbers: a pixel whose weights happen to be 0, or that a maximum passed over, is in it too. For sizes
// and strides of whole layers see nn/receptive_field.h, for the rectangle alone field_box.h; both follow the same
// reads.
#ifndef CONVSCOPE_INSPECT_RECEPTIVE_PIXELS_H_
#define CONVSCOPE_INSPECT_RECEPTIVE_PIXELS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "convscope/graph/graph.h"

namespace convscope {

// What the elements `wanted` of `tensor` (one entry an element, 1 or 0) depend on: the elements of each input of the
// graph, by its name. Parameters are not followed, an operation that says nothing of what it reads reads everything.
// Throws Error for an unknown tensor and a mask of another size.
std::map<std::string, ElementMask> InputsBehind(const Graph& graph, std::string_view tensor, const ElementMask& wanted);

// The pixels of an input (N, H, W, C), or (N, L, C) with H = 1, that one element depends on.
struct ReceptivePixels {
  std::string input;
  int64_t rows = 0, columns = 0;  // of the picture
  ElementMask mask;               // (rows, columns), 1 where any channel of the pixel counts
  int64_t count = 0;              // of those
  // The rectangle that holds them; of no size where there are none.
  int64_t top = 0, left = 0, height = 0, width = 0;

  bool holes() const { return count < height * width; }
  bool Has(int64_t row, int64_t column) const { return mask[row * columns + column] != 0; }
};

// Of element `element` (in the order of memory) of `tensor`, in input `input`. Throws Error where that has no rows and
// columns, or an element or a name does not exist.
ReceptivePixels ReceptivePixelsOf(const Graph& graph, std::string_view tensor, int64_t element, std::string_view input);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_RECEPTIVE_PIXELS_H_
