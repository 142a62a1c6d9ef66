#include "convscope/graph/node_behind_views.h"

#include <algorithm>
#include <span>

namespace convscope {

const GraphNode* NodeBehindViews(const Graph& graph, int tensor) {
  const std::span<const GraphNode> nodes = graph.nodes();
  for (size_t i = nodes.size(); i-- > 0;) {
    const std::vector<int>& outputs = nodes[i].outputs;
    if (std::find(outputs.begin(), outputs.end(), tensor) == outputs.end()) continue;
    if (!nodes[i].operation->IsView()) return &nodes[i];
    tensor = nodes[i].inputs[0];
  }
  return nullptr;
}

}  // namespace convscope
