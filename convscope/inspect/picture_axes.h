// Which tensors still have the rows and columns of the picture: where a place of a map is one of the picture's.
// Products of attention, tables of words and boxes have four axes, too, and are no maps.
#ifndef CONVSCOPE_INSPECT_PICTURE_AXES_H_
#define CONVSCOPE_INSPECT_PICTURE_AXES_H_

#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

// One for each tensor of the graph: whether its axes 1 and 2 are the rows and the columns of an input (N, H, W, C), at
// whatever size, as far as the operations on the way tell what they read (Operation::Reads). What flattens the places,
// or looks at all of them at once, has them no more; what a window slides over, a convolution, has them in any case.
std::vector<bool> HavePictureAxes(const Graph& graph);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_PICTURE_AXES_H_
