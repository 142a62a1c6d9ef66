// Which layer of a network is meant, where a user names one or none.
#ifndef CONVSCOPE_INSPECT_MAP_LAYER_H_
#define CONVSCOPE_INSPECT_MAP_LAYER_H_

#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

// `layer`, a computed tensor that has maps or units, or of a node of this name the first output; empty: the last one
// that still has more than one place of the picture (HavePictureAxes), or of any map, else the last of all. Throws
// Error for another name, with the nearest ones, or all where they are few.
std::string MapLayer(const Graph& graph, const std::string& layer);

// `channels` of a tensor with `count` of them; empty: all. Throws Error, naming `layer`, for one that there is not.
std::vector<int64_t> ChosenChannels(const std::vector<int64_t>& channels, int64_t count, const std::string& layer);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_MAP_LAYER_H_
