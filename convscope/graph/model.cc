#include "convscope/graph/model.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// `given` must hold each tensor of the graph that has `role`, and nothing else. `what` names one of them in errors.
void CheckTensors(const Graph& graph, const NamedTensors& given, TensorRole role, const std::string& what) {
  std::vector<std::string> expected;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role != role) continue;
    expected.push_back(tensor.name);
    const std::string where = what + " " + tensor.name;
    const auto found = given.find(tensor.name);
    if (found == given.end() || found->second == nullptr) {
      throw Error({.where = where,
                   .rule = Concat("a tensor ", tensor.type.ToString(), " must be given"),
                   .received = "none of this name"});
    }
    const TensorType type{found->second->shape(), found->second->dtype()};
    if (type != tensor.type) {
      throw Error(
          {.where = where, .rule = Concat("the graph states ", tensor.type.ToString()), .received = type.ToString()});
    }
  }
  for (const auto& [name, tensor] : given) {
    if (graph.Has(name) && graph[name].role == role) continue;
    throw Error({.where = what,
                 .rule = Concat("the graph has no ", what, " of this name"),
                 .received = Concat('"', name, '"'),
                 .fix = DidYouMean(name, expected)});
  }
}

}  // namespace

Model::Model(Graph graph, NamedTensors parameters) : graph_(std::move(graph)), parameters_(std::move(parameters)) {
  CheckTensors(graph_, parameters_, TensorRole::kParameter, "parameter");
}

void CheckInputs(const Graph& graph, const NamedTensors& inputs) {
  CheckTensors(graph, inputs, TensorRole::kInput, "input");
}

}  // namespace convscope
