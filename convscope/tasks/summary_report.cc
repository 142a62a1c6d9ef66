#include "convscope/tasks/summary_report.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/formats/onnx.h"
#include "convscope/tasks/graph_summary.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/open_network.h"

namespace convscope {

using internal::Json;

OpenedSummary OpenSummary(const std::string& model) {
  if (const auto file = TrainedModelFile(model)) return {SummarizeGraph(ReadOnnx(*file)), std::nullopt};
  Network network = OpenNetwork(model);
  NetworkSummary summary = Summarize(network);
  return {std::move(summary), std::move(network)};
}

std::string TorchStyleText(const OpenedSummary& opened) {
  if (opened.network) return TorchSummaryText(*opened.network);
  throw Error({.where = opened.summary.name,
               .rule = "PyTorch's form is made of layers",
               .received = "an .onnx file, which holds operations",
               .fix = "use --style keras"});
}

std::string SummaryJson(const NetworkSummary& summary, const MeasuredCost* measured) {
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
                      {"receptive_stride", layer.receptive_field.stride},
                      {"receptive_offset", layer.receptive_field.offset},
                      {"activation_bytes", layer.activation_bytes},
                      {"connected_to", layer.sources}});
    if (measured == nullptr) continue;
    const size_t row = layers.size() - 1;
    layers.back()["milliseconds"] = measured->milliseconds.at(row);
    layers.back()["share_of_peak"] = measured->ShareOfPeak(layer, row);
  }
  Json json = {{"name", summary.name},
               {"layers", std::move(layers)},
               {"parameters", summary.parameters},
               {"trainable", summary.trainable},
               {"multiply_adds", summary.multiply_adds},
               {"activation_bytes", summary.activation_bytes}};
  if (measured != nullptr) {
    json["peak_gflops"] = measured->peak_gflops;
    json["threads"] = measured->threads;
  }
  return internal::JsonText(json);
}

}  // namespace convscope
