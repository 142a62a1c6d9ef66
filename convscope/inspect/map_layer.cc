#include "convscope/inspect/map_layer.h"

#include <algorithm>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/picture_axes.h"

namespace convscope {

std::string MapLayer(const Graph& graph, const std::string& layer) {
  const std::vector<std::string> names = MapTensors(graph);
  if (names.empty()) {
    throw Error({.where = "model", .rule = "a layer with maps or units is needed", .received = "a model without one"});
  }
  if (layer.empty()) {
    const std::vector<bool> of_picture = HavePictureAxes(graph);
    std::string last;  // and where no places are the picture's, any
    for (const std::string& name : names) {
      const MapShape shape = MapShapeOf(graph[name].type.shape, name);
      if (!shape.has_places || shape.rows * shape.columns == 1) continue;
      const bool known = !last.empty() && of_picture[static_cast<size_t>(graph.Find(last))];
      if (!known || of_picture[static_cast<size_t>(graph.Find(name))]) last = name;
    }
    return last.empty() ? names.back() : last;
  }
  const auto has_maps = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has_maps(layer)) return layer;
  for (const GraphNode& node : graph.nodes()) {
    const std::string& output = graph.tensors()[node.outputs.front()].name;
    if (node.name == layer && has_maps(output)) return output;
  }
  constexpr size_t kFew = 40;
  std::string fix = DidYouMean(layer, names);
  if (names.size() <= kFew) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    fix += Concat(fix.empty() ? "" : " ", "there are ", all);
  }
  throw Error({.where = "layer", .rule = "it is a tensor that the model computes", .received = layer, .fix = fix});
}

std::vector<int64_t> ChosenChannels(const std::vector<int64_t>& channels, int64_t count, const std::string& layer) {
  std::vector<int64_t> chosen = channels;
  if (chosen.empty()) {
    chosen.resize(static_cast<size_t>(count));
    std::iota(chosen.begin(), chosen.end(), 0);
  }
  for (const int64_t channel : chosen) {
    if (channel >= 0 && channel < count) continue;
    throw Error({.where = layer, .rule = Concat("there are channels 0 to ", count - 1), .received = Concat(channel)});
  }
  return chosen;
}

}  // namespace convscope
