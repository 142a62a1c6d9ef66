#include "convscope/inspect/maps.h"

#include <algorithm>
#include <cctype>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/kernels/activation.h"

namespace convscope {

MapShape MapShapeOf(const Shape& shape, std::string_view tensor) {
  switch (shape.rank()) {
    case 2:
      return {.channels = shape[1]};
    case 3:
      return {.columns = shape[1], .channels = shape[2]};
    case 4:
      return {.rows = shape[1], .columns = shape[2], .channels = shape[3], .has_places = true};
    case 5:
      return {.rows = shape[1] * shape[2], .columns = shape[3], .channels = shape[4], .slices = shape[1]};
    default:
      throw Error({.where = std::string(tensor),
                   .rule = "maps have the shape (N, ..., channels) with at most three axes between",
                   .received = shape.ToString()});
  }
}

TensorView<const float> MapsOf(const Tensor& tensor, std::string_view name, int64_t sample) {
  const MapShape shape = MapShapeOf(tensor.shape(), name);
  if (sample < 0 || sample >= tensor.shape()[0]) {
    throw Error({.where = std::string(name),
                 .rule = Concat("there are samples 0 to ", tensor.shape()[0] - 1),
                 .received = Concat(sample)});
  }
  const int64_t size = shape.rows * shape.columns * shape.channels;
  return {tensor.data() + sample * size, {shape.rows, shape.columns, shape.channels}};
}

Tensor MeanMap(TensorView<const float> maps) {
  const int64_t channels = maps.shape()[2];
  Tensor mean({maps.shape()[0], maps.shape()[1]});
  for (int64_t place = 0; place < mean.size(); ++place) {
    double sum = 0;
    for (int64_t c = 0; c < channels; ++c) sum += static_cast<double>(maps[place * channels + c]);
    mean.data()[place] = static_cast<float>(sum / static_cast<double>(channels));
  }
  return mean;
}

Tensor OneMap(TensorView<const float> maps, int64_t channel, std::string_view name) {
  const int64_t channels = maps.shape()[2];
  if (channel < 0 || channel >= channels) {
    throw Error({.where = std::string(name),
                 .rule = Concat("there are channels 0 to ", channels - 1),
                 .received = Concat(channel)});
  }
  Tensor map({maps.shape()[0], maps.shape()[1]});
  for (int64_t place = 0; place < map.size(); ++place) map.data()[place] = maps[place * channels + channel];
  return map;
}

std::vector<std::string> MapTensors(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphTensor& tensor : graph.tensors()) {
    const int rank = tensor.type.shape.rank();
    if (tensor.role == TensorRole::kComputed && tensor.type.dtype == DType::kFloat32 && rank >= 2 && rank <= 5) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

std::string BeforeActivation(const Graph& graph, std::string_view tensor) {
  // What one computed tensor of the same shape is made into for the same places: "Relu", "LeakyRelu" of "leaky_relu".
  const auto is_activation = [](std::string_view operation) {
    for (std::string name : ActivationNames()) {
      std::erase(name, '_');
      if (std::equal(name.begin(), name.end(), operation.begin(), operation.end(),
                     [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); })) {
        return true;
      }
    }
    return false;
  };
  const int output = graph.Find(tensor);
  for (const GraphNode& node : graph.nodes()) {
    if (node.outputs[0] != output) continue;
    const GraphTensor& input = graph.tensors()[node.inputs[0]];
    const bool found = input.role == TensorRole::kComputed && is_activation(node.operation->type());
    return found ? input.name : "";
  }
  return "";
}

}  // namespace convscope
