#include "convscope/tasks/show_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/share_text.h"
#include "convscope/figures/scale.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/layer_statistics.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/layer_names.h"

namespace convscope {
namespace {

Trace Traced(const Model& model, const ModelPicture& shown, const Progress& progress) {
  return Trace(model, {{PictureInput(model.graph()), shown.input}}, progress);
}

}  // namespace

Features ShowFeatures(const FeaturesRequest& request) {
  auto [model, data] = OpenModelForPictures(request.model, request.picture);
  const Graph& graph = model.file.model.graph();
  std::vector<std::string> layers = LayerNames(request.layers, graph);
  for (const std::string& layer : layers) MapLayer(graph, layer);
  if (layers.empty()) layers = LayerTensors(graph);
  ModelPicture shown = ReadModelPicture(model.file, request.picture, data, "one picture is shown");
  Trace trace = Traced(model.file.model, shown, request.picture.progress);
  return {.model = std::move(model),
          .shown = std::move(shown),
          .trace = std::move(trace),
          .layers = std::move(layers),
          .chosen = !request.layers.empty()};
}

// Without its blank: in a column there is room for the number alone.
std::string Narrow(std::string share) {
  std::erase(share, ' ');
  return share;
}

std::string PictureText(const ModelPicture& shown) {
  std::string text = shown.source;
  if (shown.truth) text += ", which is: " + *shown.truth;
  if (!shown.note.empty()) text += " (" + shown.note + ")";
  return text;
}

std::string VerdictText(const OpenedModel& model, const Trace& trace) {
  const std::optional<ClassifierTensors> found = TryFindClassifier(trace.graph(), model.file.outputs);
  if (!found) return "";  // a model without classes is shown all the same
  const auto scores = trace[found->output].view().span();
  if (scores.size() < 2) return "";
  if (std::string nothing = NothingText(scores); !nothing.empty()) return nothing;
  const auto best = std::max_element(scores.begin(), scores.end());
  const std::string name = ClassName(model.file.class_names, best - scores.begin());
  return found->probabilities ? fmt::format("{}, {}", name, ShareText(static_cast<double>(*best)))
                              : fmt::format("{}, score {:.4g}", name, *best);
}

std::string FeaturesText(const Features& features) {
  std::string text = fmt::format("{} on {}\n", features.model.title(), PictureText(features.shown));
  if (const std::string verdict = VerdictText(features.model, features.trace); !verdict.empty()) {
    text += "it says: " + verdict + "\n";
  }
  size_t widest = 5;
  for (const std::string& layer : features.layers) widest = std::max(widest, layer.size());
  text += fmt::format("\n{:<{}}  {:<20} {:>10} {:>10} {:>10} {:>7}  dead maps\n", "layer", widest, "shape", "smallest",
                      "mean", "largest", "zeros");
  for (const std::string& layer : features.layers) {
    const Tensor& tensor = features.trace[layer];
    const LayerStatistics statistics = LayerStatisticsOf(MapsOf(tensor, layer));
    const auto number = [&](float value) {
      return statistics.not_finite < tensor.size() ? NumberText(value) : std::string("-");  // of none there is none
    };
    text += fmt::format("{:<{}}  {:<20} {:>10} {:>10} {:>10} {:>7}  ", layer, widest, tensor.shape().ToString(),
                        number(statistics.low), number(static_cast<float>(statistics.mean)), number(statistics.high),
                        Narrow(ShareText(statistics.zeros)));
    // A single value is never dead for long: it is only 0 for this picture.
    const MapShape maps = MapShapeOf(tensor.shape(), layer);
    text += maps.has_places && maps.rows * maps.columns > 1
                ? fmt::format("{} of {}", statistics.dead, tensor.shape().back())
                : "-";
    if (statistics.not_finite > 0) text += fmt::format("  {} not finite", statistics.not_finite);
    text += "\n";
  }
  return text;
}

std::string FeaturesJson(const Features& features) {
  internal::Json json = {
      {"model", features.model.file.name}, {"trained", features.model.trained}, {"picture", features.shown.source}};
  if (features.shown.truth) json["truth"] = *features.shown.truth;
  if (const std::string verdict = VerdictText(features.model, features.trace); !verdict.empty()) json["says"] = verdict;
  json["layers"] = internal::Json::array();
  for (const std::string& layer : features.layers) {
    const Tensor& tensor = features.trace[layer];
    const LayerStatistics statistics = LayerStatisticsOf(MapsOf(tensor, layer));
    const auto lengths = tensor.shape().lengths();
    const auto number = [&](auto value) {
      return statistics.not_finite < tensor.size() ? internal::Json(value) : internal::Json(nullptr);
    };
    json["layers"].push_back({{"name", layer},
                              {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
                              {"smallest", number(statistics.low)},
                              {"mean", number(statistics.mean)},
                              {"largest", number(statistics.high)},
                              {"strongest_channel", statistics.strongest},
                              {"zeros", statistics.zeros},
                              {"dead_maps", statistics.dead},
                              {"not_finite", statistics.not_finite}});
  }
  return internal::JsonText(json);
}

}  // namespace convscope
