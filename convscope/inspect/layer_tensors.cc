#include "convscope/inspect/layer_tensors.h"

#include <string_view>

#include "convscope/inspect/maps.h"

namespace convscope {

std::vector<std::string> LayerTensors(const Graph& graph) {
  constexpr std::string_view kBefore = "/pre_activation";
  std::vector<std::string> layers;
  for (std::string& name : MapTensors(graph)) {
    const bool before =
        name.ends_with(kBefore) && graph.Has(std::string_view(name).substr(0, name.size() - kBefore.size()));
    if (!before) layers.push_back(std::move(name));
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
