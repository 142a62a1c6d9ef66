#include "convscope/train/network_rules.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {

namespace {

// A normalization that is not trainable keeps its statistics, too, as in Keras; whatever else it is, a layer (Dropout)
// does while the network learns what it always does then.
void Freeze(const Graph& graph, const std::vector<std::string>& names, TrainingRules& rules) {
  for (const GraphNode& node : graph.nodes()) {
    if (node.operation->type() != "BatchNormalization") continue;
    if (std::find(names.begin(), names.end(), node.name) != names.end()) rules.frozen.insert(node.name);
  }
}

}  // namespace

TrainingRules RulesOf(const Network& network) {
  if (network.outputs().size() != 1) {
    throw Error({.where = "network " + network.name(),
                 .rule = "a network that is trained has one output",
                 .received = std::to_string(network.outputs().size())});
  }
  TrainingRules rules{.output = network.outputs()[0], .parameters = {}, .activities = {}, .frozen = {}};
  for (const auto& [name, parameter] : network.parameters()) {
    ParameterRules rule{.trainable = parameter.trainable,
                        .l1 = parameter.regularizer.l1,
                        .l2 = parameter.regularizer.l2,
                        .constraint = parameter.constraint};
    // The axes of a constraint are those of Keras' shape; the order of the elements is the same.
    if (rule.constraint != Constraint() && parameter.keras_shape != network.graph()[name].type.shape) {
      rule.constraint_shape = parameter.keras_shape;
    }
    if (rule != ParameterRules()) rules.parameters[name] = std::move(rule);
  }
  for (const NetworkLayer& layer : network.layers()) {
    if (!layer.layer->trainable()) {
      for (const NetworkLayer::Call& call : layer.calls) Freeze(network.graph(), call.nodes, rules);
    }
    const Regularizer activity = layer.layer->activity_regularizer();
    if (activity.IsNone()) continue;
    for (const NetworkLayer::Call& call : layer.calls) {
      rules.activities.push_back({.tensor = call.output, .l1 = activity.l1, .l2 = activity.l2});
    }
  }
  return rules;
}

}  // namespace convscope
