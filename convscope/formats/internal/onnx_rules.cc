#include "convscope/formats/internal/onnx_rules.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

using Json = nlohmann::ordered_json;

double Finite(double number) {
  if (std::isfinite(number)) return number;
  throw Error({.where = "training rules",
               .rule = "numbers of regularizers and constraints are finite",
               .received = ShortestText(number)});
}

Json ToJson(const Constraint& constraint) {
  if (const auto* limit = std::get_if<MaxNorm>(&constraint)) {
    return {{"name", "max_norm"}, {"max_value", Finite(limit->max_value)}, {"axes", limit->axes}};
  }
  if (const auto* unit = std::get_if<UnitNorm>(&constraint)) return {{"name", "unit_norm"}, {"axes", unit->axes}};
  return {{"name", "non_neg"}};
}

Json ToJson(const ParameterRules& rules) {
  Json json = Json::object();
  if (!rules.trainable) json["trainable"] = false;
  if (rules.l1 != 0) json["l1"] = Finite(rules.l1);
  if (rules.l2 != 0) json["l2"] = Finite(rules.l2);
  if (rules.constraint == Constraint()) return json;
  json["constraint"] = ToJson(rules.constraint);
  if (rules.constraint_shape.rank() > 0) {
    const auto lengths = rules.constraint_shape.lengths();
    json["constraint"]["shape"] = std::vector<int64_t>(lengths.begin(), lengths.end());
  }
  return json;
}

Constraint ConstraintOf(const Json& json) {
  const auto name = json.at("name").get<std::string>();
  if (name == "max_norm") {
    return MaxNorm{json.at("max_value").get<double>(), json.at("axes").get<std::vector<int64_t>>()};
  }
  if (name == "unit_norm") return UnitNorm{json.at("axes").get<std::vector<int64_t>>()};
  if (name == "non_neg") return NonNeg{};
  throw Error({.rule = "a constraint is max_norm, unit_norm or non_neg", .received = '"' + name + '"'});
}

ParameterRules ParameterOf(const Json& json) {
  ParameterRules rules{.trainable = json.value("trainable", true),
                       .l1 = Finite(json.value("l1", 0.0)),
                       .l2 = Finite(json.value("l2", 0.0))};
  if (!json.contains("constraint")) return rules;
  rules.constraint = ConstraintOf(json.at("constraint"));
  rules.constraint_shape = Shape(json.at("constraint").value("shape", std::vector<int64_t>()));
  return rules;
}

}  // namespace

std::string RulesText(const TrainingRules& rules) {
  Json json = Json::object();
  if (!rules.output.empty()) json["output"] = rules.output;
  for (const auto& [name, parameter] : rules.parameters) {
    if (parameter != ParameterRules()) json["parameters"][name] = ToJson(parameter);
  }
  for (const ActivityRules& activity : rules.activities) {
    json["activities"].push_back(
        {{"tensor", activity.tensor}, {"l1", Finite(activity.l1)}, {"l2", Finite(activity.l2)}});
  }
  if (!rules.frozen.empty()) json["frozen"] = rules.frozen;
  if (json.empty()) return "";
  try {
    return json.dump();
  } catch (const Json::exception&) {
    throw Error({.rule = "names in an .onnx file are UTF-8", .received = "other bytes", .fix = "rename it"});
  }
}

TrainingRules ParseRules(const std::string& text, const std::string& where) {
  try {
    const Json json = Json::parse(text);
    TrainingRules rules{.output = json.value("output", ""), .parameters = {}, .activities = {}, .frozen = {}};
    if (json.contains("parameters")) {
      for (const auto& [name, parameter] : json.at("parameters").get_ref<const Json::object_t&>()) {
        rules.parameters[name] = ParameterOf(parameter);
      }
    }
    for (const Json& activity : json.value("activities", Json::array())) {
      rules.activities.push_back({.tensor = activity.at("tensor").get<std::string>(),
                                  .l1 = Finite(activity.at("l1").get<double>()),
                                  .l2 = Finite(activity.at("l2").get<double>())});
    }
    for (const Json& node : json.value("frozen", Json::array())) rules.frozen.insert(node.get<std::string>());
    return rules;
  } catch (const Json::exception&) {
    throw Error({.where = where,
                 .rule = "the rules of a training are the JSON that convscope writes",
                 .received = "something else",
                 .fix = "the file was changed or damaged: write it again"});
  } catch (const Error& error) {
    throw error.At(where);
  }
}

}  // namespace convscope::internal
