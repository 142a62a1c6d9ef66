#include "convscope/graph/rebuild.h"

#include <utility>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

TensorType NewType(const GraphTensor& tensor, const RebuildOptions& options) {
  TensorType type = tensor.type;
  if (options.floating && (type.dtype == DType::kFloat32 || type.dtype == DType::kFloat64)) {
    type.dtype = *options.floating;
  }
  if (options.batch > 0 && tensor.role == TensorRole::kInput) {
    if (type.shape.rank() == 0) {
      throw Error({.where = "input " + tensor.name,
                   .rule = "the first axis of an input counts the samples",
                   .received = type.ToString()});
    }
    std::vector<int64_t> lengths(type.shape.lengths().begin(), type.shape.lengths().end());
    lengths[0] = options.batch;
    type.shape = Shape(lengths);
  }
  return type;
}

}  // namespace

Rebuilt Rebuild(const Graph& graph, const RebuildOptions& options) {
  Rebuilt rebuilt;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kComputed) continue;
    if (tensor.role == TensorRole::kParameter && !options.parameters_as_inputs) {
      rebuilt.builder.Parameter(tensor.name, NewType(tensor, options));
    } else {
      rebuilt.builder.Input(tensor.name, NewType(tensor, options));
    }
  }
  const auto names = [&](const std::vector<int>& tensors) {
    std::vector<std::string> list;
    for (const int tensor : tensors) list.push_back(graph.tensors()[tensor].name);
    return list;
  };
  for (const GraphNode& node : graph.nodes()) {
    if (options.training && !options.frozen.contains(node.name)) {
      node.operation->AddForTraining({.builder = rebuilt.builder,
                                      .operation = node.operation,
                                      .name = node.name,
                                      .inputs = names(node.inputs),
                                      .outputs = names(node.outputs),
                                      .updates = rebuilt.updates});
    } else {
      rebuilt.builder.Add(node.name, node.operation, names(node.inputs), names(node.outputs));
    }
  }
  return rebuilt;
}

std::string RandomState(GraphBuilder& builder) {
  const std::string name = "random_state";
  if (!builder.graph().Has(name)) builder.Input(name, {{3}, DType::kInt64});
  return name;
}

}  // namespace convscope
