#include "convscope/tasks/summary_report.h"

#include <utility>

#include "convscope/nn/summary.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {

using internal::Json;

std::string SummaryJson(const Network& network) {
  const NetworkSummary summary = Summarize(network);
  Json layers = Json::array();
  for (const LayerSummary& layer : summary.layers) {
    Json shape = Json::array({nullptr});
    for (int axis = 1; axis < layer.output.rank(); ++axis) shape.push_back(layer.output[axis]);
    Json field = layer.receptive_field.whole() ? Json() : Json(layer.receptive_field.size);
    layers.push_back({{"name", layer.name},
                      {"class", layer.class_name},
                      {"output_shape", std::move(shape)},
                      {"parameters", layer.parameters},
                      {"trainable", layer.trainable},
                      {"multiply_adds", layer.multiply_adds},
                      {"receptive_field", std::move(field)},
                      {"activation_bytes", layer.activation_bytes},
                      {"connected_to", layer.sources}});
  }
  return internal::JsonText({{"name", summary.name},
                             {"layers", std::move(layers)},
                             {"parameters", summary.parameters},
                             {"trainable", summary.trainable},
                             {"multiply_adds", summary.multiply_adds},
                             {"activation_bytes", summary.activation_bytes}});
}

}  // namespace convscope
