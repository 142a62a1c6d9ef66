#include "convscope/nn/network.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

Network::Network(Parts parts) : parts_(std::move(parts)) {}

const NetworkLayer& Network::layer(std::string_view name) const {
  std::vector<std::string> names;
  for (const NetworkLayer& layer : parts_.layers) {
    if (layer.name == name) return layer;
    names.push_back(layer.name);
  }
  throw Error({.where = Concat("network ", parts_.name),
               .rule = "a layer is called by its name",
               .received = Concat('"', name, '"'),
               .fix = DidYouMean(name, names)});
}

int64_t Network::ParameterCount() const {
  int64_t count = 0;
  for (const auto& [name, parameter] : parts_.parameters) count += parameter.keras_shape.NumElements();
  return count;
}

int64_t Network::TrainableCount() const {
  int64_t count = 0;
  for (const auto& [name, parameter] : parts_.parameters) {
    if (parameter.trainable) count += parameter.keras_shape.NumElements();
  }
  return count;
}

NamedTensors Network::InitialWeights(uint64_t seed) const {
  NamedTensors weights;
  for (const auto& [name, parameter] : parts_.parameters) {
    // The fans are those of Keras' shape; the order of the elements is the same.
    Tensor values = InitialValues(parameter.initializer, parameter.keras_shape, seed, name);
    weights[name] = Share(std::move(values).Reshaped(parts_.graph[name].type.shape));
  }
  return weights;
}

SharedTensor Network::Fitting(const std::string& parameter, const SharedTensor& weight,
                              const std::string& where) const {
  const Shape& shape = parts_.graph[parameter].type.shape;
  const Shape& keras = parts_.parameters.find(parameter)->second.keras_shape;
  if (weight == nullptr || weight->dtype() != DType::kFloat32 ||
      (weight->shape() != shape && weight->shape() != keras)) {
    throw Error(
        {.where = Concat(where, parameter),
         .rule = Concat("its weights are ", shape.ToString(), " float32",
                        shape == keras ? "" : Concat(", or as Keras has them ", keras.ToString())),
         .received = weight == nullptr ? "none" : Concat(weight->shape().ToString(), " ", Name(weight->dtype()))});
  }
  return weight->shape() == shape ? weight : Share(weight->Clone().Reshaped(shape));
}

void Network::SetWeights(const NamedTensors& weights) {
  for (const auto& [name, weight] : weights) {
    if (parts_.parameters.contains(name)) continue;
    std::vector<std::string> names;
    for (const auto& [known, parameter] : parts_.parameters) names.push_back(known);
    throw Error({.where = Concat("network ", parts_.name),
                 .rule = "weights are of parameters that the network has",
                 .received = Concat('"', name, '"'),
                 .fix = DidYouMean(name, names)});
  }
  NamedTensors fitting;
  for (const auto& [name, weight] : weights) fitting[name] = Fitting(name, weight, "");
  for (const auto& [name, weight] : fitting) weights_[name] = weight;
}

void Network::SetWeights(std::string_view layer_name, const std::vector<SharedTensor>& weights) {
  const NetworkLayer& found = layer(layer_name);
  if (weights.size() != found.parameters.size()) {
    std::string expected;
    for (const std::string& parameter : found.parameters) {
      expected += Concat(expected.empty() ? "" : ", ", parameter, " ", parts_.graph[parameter].type.shape.ToString());
    }
    std::string received;
    for (const SharedTensor& weight : weights) {
      received += Concat(received.empty() ? "" : ", ", weight == nullptr ? "none" : weight->shape().ToString());
    }
    throw Error({.where = Concat("layer ", layer_name, " (", found.layer->class_name(), ")"),
                 .rule = expected.empty() ? "it has no weights" : "its weights are " + expected,
                 .received = Concat(weights.size(), " tensors", received.empty() ? "" : ": ", received)});
  }
  std::vector<SharedTensor> fitting;
  const std::string where = Concat("layer ", layer_name, " (", found.layer->class_name(), "): ");
  for (size_t i = 0; i < weights.size(); ++i) fitting.push_back(Fitting(found.parameters[i], weights[i], where));
  for (size_t i = 0; i < weights.size(); ++i) weights_[found.parameters[i]] = fitting[i];
}

std::vector<SharedTensor> Network::GetWeights(std::string_view layer_name) const {
  std::vector<SharedTensor> result;
  for (const std::string& parameter : layer(layer_name).parameters) {
    const auto weight = weights_.find(parameter);
    if (weight == weights_.end()) {
      throw Error({.where = Concat("layer ", layer_name),
                   .rule = "weights can be read once they are set",
                   .received = Concat("none for ", parameter),
                   .fix = "call Initialize with a seed, or SetWeights"});
    }
    result.push_back(weight->second);
  }
  return result;
}

Model Network::model() const {
  for (const auto& [name, parameter] : parts_.parameters) {
    if (weights_.contains(name)) continue;
    throw Error({.where = Concat("network ", parts_.name),
                 .rule = "every parameter has its numbers before the network runs",
                 .received = Concat("none for ", name),
                 .fix = "call Initialize with a seed, or SetWeights"});
  }
  return Model(parts_.graph, weights_);
}

}  // namespace convscope
