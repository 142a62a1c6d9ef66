#include "convscope/tasks/layer_names.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

std::vector<std::string> LayerNames(const std::vector<std::string>& texts,
                                    const std::function<bool(const std::string& name)>& known) {
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    if (known(text)) {
      names.push_back(text);
      continue;
    }
    for (std::string& piece : Split(text, ',')) names.push_back(std::move(piece));
  }
  return names;
}

std::string TensorName(const Graph& graph, const std::string& name) {
  if (graph.Has(name)) return name;
  for (const GraphNode& node : graph.nodes()) {
    if (node.name == name) return graph.tensors()[node.outputs.front()].name;
  }
  return name;
}

std::vector<std::string> LayerNames(const std::vector<std::string>& texts, const Graph& graph) {
  std::vector<std::string> names =
      LayerNames(texts, [&graph](const std::string& name) { return graph.Has(TensorName(graph, name)); });
  for (std::string& name : names) name = TensorName(graph, name);
  return names;
}

void CheckOneLayer(const std::string& text, const std::function<bool(const std::string& name)>& known) {
  const std::vector<std::string> names = LayerNames({text}, known);
  if (names.size() < 2 || !std::all_of(names.begin(), names.end(), known)) return;
  throw Error({.where = "layer",
               .rule = "one layer is looked at here",
               .received = Concat(names.size(), " of them, ", text),
               .fix = "run the command once for each"});
}

}  // namespace convscope
