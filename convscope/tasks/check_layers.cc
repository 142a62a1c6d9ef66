#include "convscope/tasks/check_layers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/formats/keras_json.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layer_kinds.h"
#include "convscope/nn/network_config.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::Json;

constexpr size_t kMostLayers = 200;

Json ParseLayers(const std::string& text) {
  Json list = Json::parse(text, nullptr, false);
  if (!list.is_array() || list.size() > kMostLayers) {
    throw Error({.where = "layers",
                 .rule = Concat("a JSON list of at most ", kMostLayers, " layers"),
                 .received = list.is_array() ? Concat(list.size()) : "something else",
                 .fix = R"(write [{"class_name": "Flatten"}, {"class_name": "Dense", "config": {"units": 10}}])"});
  }
  return list;
}

// The model of the first `count` layers.
std::string ModelText(const Json& layers, size_t count, const Shape& picture, const std::string& name) {
  Json entries = Json::array();
  const Json shape = {nullptr, picture[0], picture[1], picture[2]};
  entries.push_back({{"class_name", "InputLayer"}, {"config", {{"name", "input"}, {"batch_shape", shape}}}});
  for (size_t i = 0; i < count; ++i) {
    Json entry = layers[i];
    if (entry.is_object() && !entry.contains("config")) entry["config"] = Json::object();
    entries.push_back(std::move(entry));
  }
  const Json model = {{"class_name", "Sequential"},
                      {"keras_version", "3.0.0"},
                      {"config", {{"name", name}, {"layers", std::move(entries)}}}};
  return model.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void Take(const NetworkSummary& summary, LayerCheck& check) {
  check.parameters = summary.parameters;
  check.activation_bytes = summary.activation_bytes;
  for (const LayerSummary& layer : summary.layers) {
    check.layers.push_back({layer.name, layer.class_name, layer.output, layer.parameters});
  }
}

NetworkSummary SummaryOf(const Json& layers, size_t count, const Shape& picture) {
  return Summarize(ParseKerasJson(ModelText(layers, count, picture, "network"), "network"));
}

// The mistake that the first `count` layers make; none where they are right.
std::optional<ErrorParts> MistakeIn(const Json& layers, size_t count, const Shape& picture) {
  try {
    SummaryOf(layers, count, picture);
  } catch (const Error& error) {
    return error.parts();
  }
  return std::nullopt;
}

}  // namespace

LayerCheck CheckLayers(const LayerList& list) {
  const Json layers = ParseLayers(list.layers);
  LayerCheck check;
  size_t right = layers.size();
  check.wrong = MistakeIn(layers, right, list.picture);
  // A mistake is of the first layer with which there is one. (A text that names the layer may name several.)
  if (check.wrong) {
    for (right = 0; right < layers.size(); ++right) {
      check.wrong = MistakeIn(layers, right + 1, list.picture);
      if (check.wrong) break;
    }
  }
  check.wrong_layer = std::min(right, std::max<size_t>(layers.size(), 1) - 1);
  if (right == 0) {
    if (!check.wrong) check.wrong = ErrorParts{.rule = "a network has a layer at least", .received = "none"};
    return check;
  }
  Take(SummaryOf(layers, right, list.picture), check);
  if (check.wrong || list.classes == 0) return check;
  const Shape& output = check.layers.back().output;
  if (output == Shape{1, list.classes} || (list.classes == 2 && output == Shape{1, 1})) return check;
  check.wrong = ErrorParts{.rule = Concat("a classifier ends in one score for each of the ", list.classes,
                                          " classes, (None, ", list.classes, ")"),
                           .received = BatchShapeText(output),
                           .fix = Concat("end with Flatten and Dense units=", list.classes, " activation=softmax")};
  return check;
}

LayerCheck CheckArchitecture(const std::string& name, const Shape& picture, int64_t classes) {
  LayerCheck check;
  try {
    Take(Summarize(MakeArchitecture(name, {.input = picture, .classes = classes})), check);
  } catch (const Error& error) {
    check.wrong = error.parts();
  }
  return check;
}

int64_t TrainingBytes(const LayerCheck& check, int64_t batch_size) {
  constexpr int64_t kCopies = 4 * int64_t{sizeof(float)};
  return kCopies * check.parameters + 2 * check.activation_bytes * batch_size;
}

std::string KerasModelText(const LayerList& list, const std::string& name) {
  const Json layers = ParseLayers(list.layers);
  return ModelText(layers, layers.size(), list.picture, name);
}

std::string LayersText(const Network& network) {
  const Json model = Json::parse(KerasJson(network));
  if (model.at("class_name") != "Sequential") return "";
  std::map<std::string, Json> defaults;
  for (const LayerKind& kind : LayerKinds()) defaults[kind.name] = Json::parse(ConfigJson(kind.defaults));
  Json list = Json::array();
  for (const Json& layer : model.at("config").at("layers")) {
    const std::string class_name = layer.at("class_name");
    if (class_name == "InputLayer") continue;
    const Json& usual = defaults.at(class_name);
    Json config = Json::object();
    for (const auto& [key, value] : layer.at("config").items()) {
      if (key == "dtype" || (key == "trainable" && value == true)) continue;
      if (!usual.contains(key) || usual.at(key) != value) config[key] = value;
    }
    list.push_back({{"class_name", class_name}, {"config", std::move(config)}});
  }
  return list.dump();
}

std::string LayerCheckJson(const LayerCheck& check) {
  Json json = {{"layers", Json::array()}};
  for (const CheckedLayer& layer : check.layers) {
    const auto lengths = layer.output.lengths();
    json["layers"].push_back({{"name", layer.name},
                              {"class", layer.class_name},
                              {"output", std::vector<int64_t>(lengths.begin() + 1, lengths.end())},
                              {"parameters", layer.parameters}});
  }
  json["parameters"] = check.parameters;
  json["activation_bytes"] = check.activation_bytes;
  if (check.wrong) {
    json["wrong"] = {{"layer", check.wrong_layer},
                     {"where", check.wrong->where},
                     {"rule", check.wrong->rule},
                     {"received", check.wrong->received},
                     {"fix", check.wrong->fix}};
  }
  return internal::JsonText(json);
}

}  // namespace convscope
