#include "convscope/train/network_rules.h"

#include <string>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {

TrainingRules RulesOf(const Network& network) {
  if (network.outputs().size() != 1) {
    throw Error({.where = "network " + network.name(),
                 .rule = "a network that is trained has one output",
                 .received = std::to_string(network.outputs().size())});
  }
  TrainingRules rules{.output = network.outputs()[0], .parameters = {}, .activities = {}};
  for (const auto& [name, parameter] : network.parameters()) {
    ParameterRules& rule = rules.parameters[name];
    rule = {.trainable = parameter.trainable, .l1 = parameter.regularizer.l1, .l2 = parameter.regularizer.l2};
    if (!std::holds_alternative<std::monostate>(parameter.constraint)) {
      // The axes are those of Keras' shape; the order of the elements is the same.
      rule.constrain = [constraint = parameter.constraint, keras = parameter.keras_shape](Tensor& values) {
        const Shape shape = values.shape();
        values = std::move(values).Reshaped(keras);
        Constrain(constraint, values);
        values = std::move(values).Reshaped(shape);
      };
    }
  }
  for (const NetworkLayer& layer : network.layers()) {
    const Regularizer activity = layer.layer->activity_regularizer();
    if (activity.IsNone()) continue;
    for (const NetworkLayer::Call& call : layer.calls) {
      rules.activities.push_back({.tensor = call.output, .l1 = activity.l1, .l2 = activity.l2});
    }
  }
  return rules;
}

}  // namespace convscope
