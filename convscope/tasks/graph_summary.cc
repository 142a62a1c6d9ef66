#include "convscope/tasks/graph_summary.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "convscope/graph/rebuild.h"
#include "convscope/nn/receptive_field.h"

namespace convscope {
namespace {

// Whether each node reads the one before it, and the first the only input.
bool IsChain(const Graph& graph) {
  std::vector<int> last;
  for (size_t t = 0; t < graph.tensors().size(); ++t) {
    if (graph.tensors()[t].role == TensorRole::kInput) last.push_back(static_cast<int>(t));
  }
  for (const GraphNode& node : graph.nodes()) {
    for (const int input : node.inputs) {
      const bool parameter = graph.tensors()[static_cast<size_t>(input)].role == TensorRole::kParameter;
      if (!parameter && (last.size() != 1 || input != last[0])) return false;
    }
    last = node.outputs;
  }
  return true;
}

ReceptiveField OnePixel(const Shape& input) {
  ReceptiveField one;
  for (int axis = 1; axis + 1 < std::max(input.rank(), 3); ++axis) {
    one.size.push_back(1);
    one.stride.push_back(1);
    one.offset.push_back(0);
  }
  return one;
}

}  // namespace

NetworkSummary SummarizeGraph(const ModelFile& file) {
  const Graph& graph = file.model.graph();
  const auto updates = Rebuild(graph, {.training = true}).updates;
  const std::map<std::string, ReceptiveField> fields = ReceptiveFields(graph);
  NetworkSummary summary{.name = file.name, .sequential = IsChain(graph), .layers = {}};
  std::map<int, std::string> maker;  // by tensor
  for (size_t t = 0; t < graph.tensors().size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    if (tensor.role != TensorRole::kInput) continue;
    maker[static_cast<int>(t)] = tensor.name;
    if (summary.sequential) continue;
    summary.layers.push_back({.name = tensor.name,
                              .class_name = "Input",
                              .output = tensor.type.shape,
                              .receptive_field = OnePixel(tensor.type.shape),
                              .sources = {}});
  }
  std::set<int> counted;
  for (const GraphNode& node : graph.nodes()) {
    const GraphTensor& output = graph.tensors()[static_cast<size_t>(node.outputs[0])];
    const auto field = fields.find(output.name);  // none where parameters alone are read
    LayerSummary row{.name = node.name,
                     .class_name = std::string(node.operation->type()),
                     .output = output.type.shape,
                     .multiply_adds = node.operation->MultiplyAdds(graph.InputTypes(node)),
                     .receptive_field = field == fields.end() ? ReceptiveField{} : field->second,
                     .sources = {}};
    for (const int input : node.inputs) {
      const GraphTensor& tensor = graph.tensors()[static_cast<size_t>(input)];
      if (tensor.role != TensorRole::kParameter) {
        row.sources.push_back(maker.at(input));
      } else if (counted.insert(input).second) {
        row.parameters += tensor.type.shape.NumElements();
        if (!updates.contains(tensor.name)) row.trainable += tensor.type.shape.NumElements();
      }
    }
    for (const int made : node.outputs) {
      maker[made] = node.name;
      if (!node.operation->IsView()) {
        row.activation_bytes += graph.tensors()[static_cast<size_t>(made)].type.SizeInBytes();
      }
    }
    summary.parameters += row.parameters;
    summary.trainable += row.trainable;
    summary.multiply_adds += row.multiply_adds;
    summary.activation_bytes += row.activation_bytes;
    summary.layers.push_back(std::move(row));
  }
  return summary;
}

}  // namespace convscope
