#include "convscope/tasks/fed_arrays.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/file_axes.h"
#include "convscope/formats/npy.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/rebuild.h"

namespace convscope {
namespace {

// What was fed in without a name is of the only input.
void NameInput(const Graph& graph, NamedTensors& inputs, const std::string& option) {
  auto unnamed = inputs.extract("");
  if (unnamed.empty()) return;
  unnamed.key() = OnlyInput(graph, {.where = option,
                                    .rule = "without a name it is the only input of a model",
                                    .fix = "give " + option + " NAME=FILE.npy for each"});
  inputs.insert(std::move(unnamed));
}

// Throws Error for one that is fed in and is no input of the graph, with those that are.
void CheckNames(const ModelFile& file, const NamedTensors& inputs, const std::string& option) {
  const Graph& graph = file.model.graph();
  std::vector<std::string> known;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kInput) {
      known.push_back(Concat(tensor.name, ' ', InFileAxes(file, tensor.name, tensor.type.shape).ToString()));
    }
  }
  for (const auto& [name, tensor] : inputs) {
    if (graph.Has(name) && graph[name].role == TensorRole::kInput) continue;
    throw Error({.where = option,
                 .rule = "what is fed in is an input of the model",
                 .received = Concat('"', name, '"'),
                 .fix = fmt::format("its inputs: {}", fmt::join(known, ", "))});
  }
}

// Told in the axes that a user feeds in, which the graph's own check does not know.
void CheckTypes(const ModelFile& file, const Graph& graph, const NamedTensors& inputs) {
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role != TensorRole::kInput) continue;
    const std::string where = "input " + tensor.name;
    const TensorType wanted{InFileAxes(file, tensor.name, tensor.type.shape), tensor.type.dtype};
    const auto fed = inputs.find(tensor.name);
    if (fed == inputs.end()) {
      throw Error({.where = where,
                   .rule = Concat("a tensor ", wanted.ToString(), " must be given"),
                   .received = "none of this name"});
    }
    if (fed->second->shape() != tensor.type.shape) {
      throw Error({.where = where,
                   .rule = "its shape is " + wanted.shape.ToString(),
                   .received = InFileAxes(file, tensor.name, fed->second->shape()).ToString()});
    }
    if (fed->second->dtype() == wanted.dtype) continue;
    throw Error({.where = where,
                 .rule = Concat("its elements are ", Name(wanted.dtype)),
                 .received = std::string(Name(fed->second->dtype()))});
  }
}

// The batch that is fed in; 0: that of the graph.
int64_t BatchOf(const Graph& graph, const NamedTensors& inputs) {
  for (const auto& [name, tensor] : inputs) {
    if (!graph.Has(name) || tensor->shape().rank() == 0) continue;
    const Shape& stated = graph[name].type.shape;
    if (stated.rank() > 0 && stated[0] != tensor->shape()[0]) return tensor->shape()[0];
  }
  return 0;
}

}  // namespace

NamedTensors ReadFedArrays(const std::vector<std::string>& given_arrays, const std::string& option) {
  NamedTensors inputs;
  for (const std::string& given : given_arrays) {
    const size_t equals = given.find('=');
    const std::string name = equals == std::string::npos ? "" : given.substr(0, equals);
    if (!inputs.emplace(name, Share(ReadNpy(equals == std::string::npos ? given : given.substr(equals + 1)))).second) {
      throw Error({.where = option, .rule = "an input is given once", .received = Concat('"', name, "\" again")});
    }
  }
  return inputs;
}

Model ModelFor(const ModelFile& file, NamedTensors& fed, const std::string& option) {
  NameInput(file.model.graph(), fed, option);
  CheckNames(file, fed, option);
  for (auto& [name, tensor] : fed) tensor = FromFileAxes(file, name, tensor);
  const Graph& stated = file.model.graph();
  const int64_t batch = BatchOf(stated, fed);
  Model model =
      batch > 0 ? Model(Rebuild(stated, {.batch = batch}).builder.Build(), file.model.parameters()) : file.model;
  CheckTypes(file, model.graph(), fed);
  return model;
}

}  // namespace convscope
