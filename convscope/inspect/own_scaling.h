// Whether a model scales its pictures itself: whether its first nodes make small numbers of pixels from 0 to 255, as a
// Rescaling layer of Keras does. Such a model is fed pixels as they are stored.
#ifndef CONVSCOPE_INSPECT_OWN_SCALING_H_
#define CONVSCOPE_INSPECT_OWN_SCALING_H_

#include <string>
#include <vector>

#include "convscope/graph/model.h"

namespace convscope {

// The nodes that scale what is fed in, in the order of the graph; none where nothing does, or not as 0 to 255 asks for.
//
// Looked at are sums, products and normalizations with constants between the input, one of floats, and the first node
// of another kind, with what only moves numbers among them. All together they are a line, x * gain + offset. It is one
// for pixels from 0 to 255 where 255 of them become at most 16, or where more than 2 is taken away from each: of
// pictures from 0 to 1 or -1 to 1 neither would leave anything to see.
std::vector<std::string> OwnScaling(const Model& model);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_OWN_SCALING_H_
