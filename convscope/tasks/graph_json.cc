#include "convscope/tasks/graph_json.h"

#include <array>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

internal::Json Names(const Graph& graph, std::span<const int> tensors) {
  internal::Json names = internal::Json::array();
  for (const int tensor : tensors) names.push_back(graph.tensors()[tensor].name);
  return names;
}

// What no node reads, where the model names no outputs.
std::vector<std::string> OutputsOf(const ModelFile& file) {
  if (!file.outputs.empty()) return file.outputs;
  const Graph& graph = file.model.graph();
  std::vector<bool> read(graph.tensors().size());
  for (const GraphNode& node : graph.nodes()) {
    for (const int input : node.inputs) read[static_cast<size_t>(input)] = true;
  }
  std::vector<std::string> outputs;
  for (size_t t = 0; t < read.size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    if (!read[t] && tensor.role == TensorRole::kComputed) outputs.push_back(tensor.name);
  }
  return outputs;
}

}  // namespace

std::string GraphJson(const OpenedModel& model) {
  const Graph& graph = model.file.model.graph();
  internal::Json json = {{"model", model.file.name},
                         {"trained", model.trained},
                         {"outputs", OutputsOf(model.file)},
                         {"multiply_adds", graph.MultiplyAdds()}};
  json["tensors"] = internal::Json::array();
  constexpr std::array<std::string_view, 3> kRoles = {"input", "parameter", "computed"};  // as TensorRole has them
  for (const GraphTensor& tensor : graph.tensors()) {
    const auto lengths = tensor.type.shape.lengths();
    json["tensors"].push_back({{"name", tensor.name},
                               {"role", kRoles[static_cast<size_t>(tensor.role)]},
                               {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
                               {"dtype", Name(tensor.type.dtype)}});
  }
  json["nodes"] = internal::Json::array();
  for (const GraphNode& node : graph.nodes()) {
    internal::Json attributes = internal::Json::object();
    for (const Attribute& attribute : node.operation->attributes()) {
      std::visit([&](const auto& value) { attributes[attribute.name] = value; }, attribute.value);
    }
    json["nodes"].push_back({{"name", node.name},
                             {"operation", node.operation->type()},
                             {"attributes", std::move(attributes)},
                             {"inputs", Names(graph, node.inputs)},
                             {"outputs", Names(graph, node.outputs)},
                             {"multiply_adds", node.operation->MultiplyAdds(graph.InputTypes(node))}});
  }
  return internal::JsonText(json);
}

}  // namespace convscope
