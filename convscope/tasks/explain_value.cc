#include "convscope/tasks/explain_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/explanation_json.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::ExplanationJson;
using internal::Json;
using internal::PlacesJson;

Json FieldJson(const ReceptivePixels& field) {
  Json rows = Json::array();
  for (int64_t row = 0; row < field.rows; ++row) {
    std::string line;
    for (int64_t column = 0; column < field.columns; ++column) line += field.Has(row, column) ? '1' : '0';
    rows.push_back(std::move(line));
  }
  return {{"input", field.input},   {"pixels", field.count}, {"top", field.top},       {"left", field.left},
          {"height", field.height}, {"width", field.width},  {"mask", std::move(rows)}};
}

Json StepJson(const BackwardStep& step) {
  Json json = {
      {"tensor", step.place.tensor}, {"at", PlacesJson(step.place.element, step.shape)}, {"value", step.value}};
  if (step.operation.empty()) return json;
  json["operation"] = step.operation;
  if (!step.end.empty()) json["end"] = step.end;
  if (step.how.empty()) return json;
  json["contribution"] = step.contribution;
  json["share"] = step.share;
  json["next"] = step.how;
  return json;
}

// Names of the classes that the graph gives scores to, where it is a classifier that has them.
std::vector<std::string> ScoredClasses(const ModelFile& file) {
  const std::optional<ClassifierTensors> tensors = TryFindClassifier(file.model.graph(), file.outputs);
  const bool named = tensors && tensors->classes == static_cast<int64_t>(file.class_names.size());
  return named ? file.class_names : std::vector<std::string>();
}

// "dense:Bag" is a place where dense has a score for each class and one of them is called so; else as ParseValuePlace.
ValuePlace PlaceAt(const ModelFile& file, const std::string& at) {
  const Graph& graph = file.model.graph();
  const size_t colon = at.rfind(':');  // as ParseValuePlace: a tensor's name may have more
  const bool named = colon != std::string::npos && colon + 1 < at.size() &&
                     at.find_first_not_of("0123456789,.-+ ", colon + 1) != std::string::npos;
  if (!named || !graph.Has(at.substr(0, colon))) return ParseValuePlace(graph, at);
  const std::string tensor = at.substr(0, colon);
  const Shape& shape = graph[tensor].type.shape;
  const std::vector<std::string> classes = ScoredClasses(file);
  const bool scores = shape.rank() == 2 && shape[0] == 1 && shape[1] == static_cast<int64_t>(classes.size());
  if (classes.empty() || !scores) return ParseValuePlace(graph, at);
  return {.tensor = tensor, .element = ParseClass(at.substr(colon + 1), classes)};
}

}  // namespace

ExplainedValue ExplainOn(const ExplainRequest& request) {
  const auto [opened, data] = OpenModelForPictures(request.model, request.pictures);
  const std::string input = PictureInput(opened.file.model.graph());
  PlaceAt(opened.file, request.at);  // a mistake in it is told before the picture is read
  ModelPicture shown = ReadModelPicture(opened.file, request.pictures, data, "a value is explained on one picture");
  auto trace =
      std::make_shared<const Trace>(opened.file.model, NamedTensors{{input, shown.input}}, request.pictures.progress);
  return ExplainTraced(opened, std::move(shown), std::move(trace), request);
}

ExplainedValue ExplainTraced(const OpenedModel& model, ModelPicture shown, std::shared_ptr<const Trace> trace,
                             const ExplainRequest& request) {
  const Graph& graph = model.file.model.graph();
  const ValuePlace place = PlaceAt(model.file, request.at);
  ExplainedValue value{.model = model.file.name,
                       .trained = model.trained,
                       .shown = std::move(shown),
                       .class_names = ScoredClasses(model.file),
                       .top = request.top};
  value.chain = ExplainChain(*trace, place);
  value.field = ReceptivePixelsOf(graph, place.tensor, place.element, PictureInput(graph));
  if (request.walk_back) value.steps = WalkBack(*trace, place);
  value.never_negative = NeverNegative(model.file.model);
  value.trace = std::move(trace);
  return value;
}

std::string ExplainJson(const ExplainedValue& value, size_t most_terms) {
  Json picture = {{"source", value.shown.source}};
  if (value.shown.truth) picture["truth"] = *value.shown.truth;
  if (!value.shown.note.empty()) picture["note"] = value.shown.note;
  Json json = {{"model", value.model}, {"trained", value.trained}, {"picture", std::move(picture)}};
  json["explanations"] = Json::array();
  for (const Explanation& explanation : value.chain) {
    json["explanations"].push_back(ExplanationJson(explanation, most_terms));
  }
  json["receptive_field"] = FieldJson(value.field);
  if (!value.steps.empty()) {
    json["trace"] = Json::array();
    for (const BackwardStep& step : value.steps) json["trace"].push_back(StepJson(step));
  }
  return internal::JsonText(json);
}

}  // namespace convscope
