#include "convscope/inspect/filter_bank.h"

#include <algorithm>
#include <string_view>
#include <variant>

namespace convscope {
namespace {

int64_t GroupsOf(const Operation& operation) {
  for (const Attribute& attribute : operation.attributes()) {
    if (attribute.name == "groups") return std::get<int64_t>(attribute.value);
  }
  return 1;
}

// Whether the node changes each pixel of a single computed tensor by itself: an activation, a normalization.
bool IsPointwise(const Graph& graph, const GraphNode& node) {
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (graph.tensors()[node.inputs[i]].role != TensorRole::kParameter) return false;
  }
  return node.operation->AsEpilogue(graph.InputTypes(node), 1) != nullptr;
}

}  // namespace

std::vector<KernelUse> KernelsOf(const Graph& graph) {
  std::vector<KernelUse> uses;
  for (const GraphNode& node : graph.nodes()) {
    const std::string_view type = node.operation->type();
    if (type != "Conv" && type != "ConvTranspose" && type != "Dense") continue;
    const GraphTensor& kernel = graph.tensors()[node.inputs[1]];
    if (kernel.role != TensorRole::kParameter || kernel.type.dtype != DType::kFloat32) continue;
    uses.push_back({.parameter = kernel.name,
                    .node = node.name,
                    .operation = std::string(type),
                    .output = graph.tensors()[node.outputs[0]].name,
                    .groups = GroupsOf(*node.operation),
                    .spatial = kernel.type.shape.rank() - 2});
  }
  return uses;
}

Tensor FiltersOf(const Model& model, const KernelUse& use) {
  const Tensor& kernel = *model.parameters().find(use.parameter)->second;
  const Shape& shape = kernel.shape();
  int64_t rows = 1, columns = 1;
  for (int axis = 0; axis < use.spatial; ++axis) (axis + 1 == use.spatial ? columns : rows) *= shape[axis];
  if (use.operation != "ConvTranspose") return kernel.Clone().Reshaped({rows, columns, shape.back(1), shape.back()});
  // (spatial..., F / groups, C) -> (R, S, C / groups, F)
  const int64_t own = shape.back(1), channels = shape.back() / use.groups, filters = own * use.groups;
  Tensor filter({rows, columns, channels, filters});
  for (int64_t place = 0; place < rows * columns; ++place) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t f = 0; f < filters; ++f) {
        filter.data()[(place * channels + c) * filters + f] =
            kernel.data()[(place * own + f % own) * shape.back() + f / own * channels + c];
      }
    }
  }
  return filter;
}

std::string ActivationAfter(const Graph& graph, const std::string& tensor) {
  int at = graph.Find(tensor);
  for (bool moved = true; moved;) {
    moved = false;
    const GraphNode* reader = nullptr;
    int readers = 0;
    for (const GraphNode& node : graph.nodes()) {
      if (std::find(node.inputs.begin(), node.inputs.end(), at) == node.inputs.end()) continue;
      reader = &node;
      ++readers;
    }
    if (readers != 1 || reader->inputs[0] != at || !IsPointwise(graph, *reader)) continue;
    at = reader->outputs[0];
    moved = true;
  }
  return graph.tensors()[at].name;
}

}  // namespace convscope
