// What of a graph a person calls its layers: one tensor each, what the layer hands on.
#ifndef CONVSCOPE_INSPECT_LAYER_TENSORS_H_
#define CONVSCOPE_INSPECT_LAYER_TENSORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

// MapTensors, in order, less those that a layer is known by under another name: "conv/pre_activation" where there is
// "conv", and "conv/channels_second", the same elements in another order.
std::vector<std::string> LayerTensors(const Graph& graph);

// Those of them that are maps: rows and columns, a line, or a volume, more than one place; at most the first `most`,
// 0: all.
std::vector<std::string> MapLayers(const Graph& graph, size_t most = 0);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_LAYER_TENSORS_H_
