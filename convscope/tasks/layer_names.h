// Layers that a user names in one text, with commas between them. Not which of them there are: each task asks its
// graph.
#ifndef CONVSCOPE_TASKS_LAYER_NAMES_H_
#define CONVSCOPE_TASKS_LAYER_NAMES_H_

#include <functional>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

// Each text is one name where `known` takes it whole, since a file's tensor may have a comma in its name; else its
// pieces between commas, whether known or not. In the order given.
std::vector<std::string> LayerNames(const std::vector<std::string>& texts,
                                    const std::function<bool(const std::string& name)>& known);

// The same for the tensors of a graph; the name of a node stands for its first output, as in Graph::Find.
std::vector<std::string> LayerNames(const std::vector<std::string>& texts, const Graph& graph);

// That tensor of a node, where `name` is a node's; else the name itself, known or not.
std::string TensorName(const Graph& graph, const std::string& name);

// For what takes one layer: throws Error where `text` is several that are `known`, with commas between them. Another
// name that there is not is for the graph to refuse.
void CheckOneLayer(const std::string& text, const std::function<bool(const std::string& name)>& known);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LAYER_NAMES_H_
