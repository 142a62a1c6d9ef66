#include "convscope/tasks/summary_report.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/picture_note.h"
#include "convscope/tasks/graph_summary.h"
#include "convscope/tasks/internal/summary_object.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_network.h"

namespace convscope {

using internal::Json;

namespace {

// Whether opening it would make weights that nobody asks for, which of a large network takes its time.
bool HasLayersAlone(const ModelChoice& model) {
  const bool built_in = FindArchitecture(model.name) != nullptr;
  const bool file = !built_in && (TrainedModelFile(model) || IsKerasFile(model.name));
  return model.weights.empty() && !file && model.pictures == PictureFlags{};
}

ModelFacts FactsOf(const OpenedModel& opened) {
  return {.source = opened.file.source,
          .trained = opened.trained,
          .preprocessing = opened.file.preprocessing,
          .scaling_assumed = opened.file.scaling_assumed,
          .preprocessing_source = opened.file.preprocessing_source,
          .class_names = opened.file.class_names};
}

Json PicturesJson(const ModelFacts& facts) {
  if (!facts.preprocessing) return {};
  const Preprocessing& given = *facts.preprocessing;
  Json json = {{"divisor", given.divisor == 0 ? 255 : given.divisor},
               {"mean", given.mean},
               {"deviation", given.deviation},
               {"channels", given.reversed ? "bgr" : "rgb"},
               {"fit", std::string(NameOf(given.fit))},
               {"crop", given.crop}};
  if (!facts.preprocessing_source.empty()) json["source"] = facts.preprocessing_source;
  json["assumed"] = facts.scaling_assumed;
  return json;
}

}  // namespace

OpenedSummary OpenSummary(const ModelChoice& model) {
  if (HasLayersAlone(model)) {
    NetworkReading reading;
    Network network = OpenNetwork(model, {}, nullptr, &reading);
    for (const std::string& line : reading.assumed) {
      if (model.tell) model.tell({ModelRemark::Kind::kAssumed, line});
    }
    NetworkSummary summary = Summarize(network);
    ModelFacts facts{.layers_alone = true,
                     .trained = false,
                     .preprocessing = network.preprocessing,
                     .class_names = network.class_names};
    return {std::move(summary), std::move(network), std::move(facts)};
  }
  return SummarizeOpened(OpenModel(model));
}

OpenedSummary SummarizeOpened(OpenedModel opened) {
  opened.file.model = ForOnePicture(opened.file.model);  // what is counted is of one sample
  NetworkSummary summary = opened.network ? Summarize(*opened.network) : SummarizeGraph(opened.file);
  if (opened.weights) summary.name = opened.file.name;
  ModelFacts facts = FactsOf(opened);
  return {std::move(summary), std::move(opened.network), std::move(facts)};
}

std::string ModelFactsText(const OpenedSummary& opened) {
  const ModelFacts& facts = opened.facts;
  if (facts.layers_alone) return "";
  std::string text;
  if (!facts.source.empty()) text += "From: " + facts.source + '\n';
  if (!facts.trained) text += "Untrained: its weights are random numbers\n";
  if (facts.preprocessing) {
    text += "Pictures: " + PreprocessingText(*facts.preprocessing);
    if (!facts.preprocessing_source.empty()) text += " (" + facts.preprocessing_source + ")";
    text += facts.scaling_assumed ? ", as is assumed: nothing tells their numbers\n" : "\n";
  }
  if (facts.class_names.empty()) return text;
  constexpr size_t kMostNames = 10;
  text += Concat("Classes: ", facts.class_names.size(), ": ");
  for (size_t c = 0; c < std::min(kMostNames, facts.class_names.size()); ++c) {
    text += (c == 0 ? "" : ", ") + facts.class_names[c];
  }
  return text + (facts.class_names.size() > kMostNames ? ", ...\n" : "\n");
}

std::string TorchStyleText(const OpenedSummary& opened) {
  if (opened.network) return TorchSummaryText(*opened.network);
  throw Error({.where = opened.summary.name,
               .rule = "PyTorch's form is made of layers",
               .received = "an .onnx file, which holds operations",
               .fix = "use --style keras"});
}

Json internal::SummaryObject(const OpenedSummary& opened, const MeasuredCost* measured) {
  const NetworkSummary& summary = opened.summary;
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
                      {"receptive_unbounded", layer.receptive_field.pixels()},
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
               {"activation_bytes", summary.activation_bytes},
               {"trained", opened.facts.trained},
               {"source", opened.facts.source},
               {"pictures", PicturesJson(opened.facts)},
               {"class_names", opened.facts.class_names}};
  if (measured != nullptr) {
    json["peak_gflops"] = measured->peak_gflops;
    json["threads"] = measured->threads;
  }
  return json;
}

std::string SummaryJson(const OpenedSummary& opened, const MeasuredCost* measured) {
  return internal::JsonText(internal::SummaryObject(opened, measured));
}

}  // namespace convscope
