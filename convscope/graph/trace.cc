#include "convscope/graph/trace.h"

#include <chrono>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

Trace::Trace(const Model& model, const NamedTensors& inputs, const Progress& progress)
    : graph_(model.graph()), tensors_(model.parameters()) {
  CheckInputs(graph_, inputs);
  tensors_.insert(inputs.begin(), inputs.end());

  for (size_t i = 0; i < graph_.nodes().size(); ++i) {
    const GraphNode& node = graph_.nodes()[i];
    Report(progress, node.name, static_cast<double>(i) / static_cast<double>(graph_.nodes().size()));
    std::vector<const Tensor*> constants;
    std::vector<const void*> sources;
    for (const int index : node.inputs) {
      const GraphTensor& tensor = graph_.tensors()[index];
      const Tensor* held = tensors_.find(tensor.name)->second.get();
      constants.push_back(tensor.role == TensorRole::kParameter ? held : nullptr);
      sources.push_back(held->bytes());
    }
    std::vector<Tensor> results;
    std::vector<void*> targets;
    NodeReport report{.node = node.name, .type = std::string(node.operation->type())};
    for (const int index : node.outputs) {
      const TensorType& type = graph_.tensors()[index].type;
      results.emplace_back(type.shape, type.dtype);
      targets.push_back(results.back().bytes());
      report.outputs.push_back(type.shape);
    }
    const std::vector<TensorType> types = graph_.InputTypes(node);
    try {
      const auto prepared = node.operation->Prepare(types, constants, {});
      const auto start = std::chrono::steady_clock::now();
      (*prepared)(sources, targets);
      const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
      report.milliseconds = elapsed.count();
      report.path = prepared->path();
    } catch (const Error& error) {  // of what the inputs hold: an index
      throw error.At(Concat("node ", node.name));
    }
    report.multiply_adds = node.operation->MultiplyAdds(types);
    reports_.push_back(std::move(report));
    for (size_t k = 0; k < results.size(); ++k) {
      tensors_.emplace(graph_.tensors()[node.outputs[k]].name, Share(std::move(results[k])));
    }
  }
}

SharedTensor Trace::Get(std::string_view tensor) const {
  return tensors_.find(graph_.tensors()[graph_.Find(tensor)].name)->second;
}

}  // namespace convscope
