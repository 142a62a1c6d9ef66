// The order in which Keras lists the layers of a functional model, which is that in which its files number them: not
// the order of the file, but one that Keras derives from how they are connected.
#ifndef CONVSCOPE_FORMATS_INTERNAL_KERAS_LAYER_ORDER_H_
#define CONVSCOPE_FORMATS_INTERNAL_KERAS_LAYER_ORDER_H_

#include <vector>

#include "convscope/nn/network.h"

namespace convscope::internal {

// Places in network.layers(). Of a Sequential as they stand. Of others by depth, the longest way to an output, the
// deepest first; those of one depth as they are met when each output is followed back to the inputs, a layer before
// what it reads. Layers that no output depends on are left out, as Keras leaves them out.
std::vector<size_t> KerasLayerOrder(const Network& network);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_KERAS_LAYER_ORDER_H_
