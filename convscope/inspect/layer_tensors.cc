#include "convscope/inspect/layer_tensors.h"

#include <set>
#include <string_view>

#include "convscope/inspect/maps.h"

namespace convscope {

std::vector<std::string> LayerTensors(const Graph& graph) {
  std::set<int> moved;  // what operations make that compute nothing
  for (const GraphNode& node : graph.nodes()) {
    const std::string_view type = node.operation->type();
    if (type == "Transpose" || type == "Reshape") moved.insert(node.outputs.begin(), node.outputs.end());
  }
  std::vector<std::string> layers;
  for (std::string& name : MapTensors(graph)) {
    const size_t slash = name.rfind('/');
    const std::string_view of = std::string_view(name).substr(0, slash == std::string::npos ? 0 : slash);
    const bool other_name =
        graph.Has(of) && (name.substr(slash) == "/pre_activation" || moved.contains(graph.Find(name)));
    if (!other_name) layers.push_back(std::move(name));
  }
  return layers;
}

std::vector<std::string> MapLayers(const Graph& graph, size_t most) {
  std::vector<std::string> layers;
  for (std::string& name : LayerTensors(graph)) {
    const MapShape shape = MapShapeOf(graph[name].type.shape, name);
    if (shape.rows * shape.columns > 1 && (most == 0 || layers.size() < most)) layers.push_back(std::move(name));
  }
  return layers;
}

}  // namespace convscope
