#include "convscope/tasks/internal/explanation_json.h"

#include <utility>
#include <vector>

#include "convscope/tasks/internal/explained_terms.h"

namespace convscope::internal {
namespace {

Json ShapeJson(const Shape& shape) {
  return Json(std::vector<int64_t>(shape.lengths().begin(), shape.lengths().end()));
}

Json AttributesJson(const std::vector<Attribute>& attributes) {
  Json json = Json::object();
  for (const Attribute& attribute : attributes) {
    std::visit([&](const auto& held) { json[attribute.name] = held; }, attribute.value);
  }
  return json;
}

Json TermJson(const Explanation& explanation, const ArithmeticTerm& term) {
  Json json = Json::object();
  if (term.input >= 0) {
    json["of"] = explanation.inputs[term.input];
    json["at"] = PlacesJson(term.element, explanation.input_shapes[term.input]);
  }
  json["value"] = term.value;
  if (term.weight_input >= 0) json["weight_of"] = explanation.inputs[term.weight_input];
  json["weight"] = term.weight;
  json["product"] = term.product();
  return json;
}

const char* RuleName(Arithmetic::Rule rule) {
  switch (rule) {
    case Arithmetic::Rule::kSum:
      return "sum";
    case Arithmetic::Rule::kMaximum:
      return "maximum";
    case Arithmetic::Rule::kProduct:
      return "product";
    case Arithmetic::Rule::kFunction:
      return "function";
  }
  return "";
}

}  // namespace

Json PlacesJson(int64_t element, const Shape& shape) {
  std::vector<int64_t> places = PlacesOf(element, shape);
  if (shape.rank() > 1 && shape[0] == 1) places.erase(places.begin());
  return places;
}

Json ExplanationJson(const Explanation& explanation, size_t most_terms) {
  Json json = {{"tensor", explanation.place.tensor},
               {"at", PlacesJson(explanation.place.element, explanation.shape)},
               {"shape", ShapeJson(explanation.shape)},
               {"node", explanation.node},
               {"operation", explanation.operation}};
  if (!explanation.path.empty()) json["path"] = explanation.path;
  json["attributes"] = AttributesJson(explanation.attributes);
  json["inputs"] = explanation.inputs;
  json["traced"] = explanation.traced;
  if (!explanation.arithmetic) return json;
  const Arithmetic& arithmetic = *explanation.arithmetic;
  json["rule"] = RuleName(arithmetic.rule);
  json["formula"] = arithmetic.formula;
  json["window"] = ShapeJson(arithmetic.window);
  json["terms"] = Json::array();
  if (arithmetic.terms.size() <= most_terms) {
    for (const ArithmeticTerm& term : arithmetic.terms) json["terms"].push_back(TermJson(explanation, term));
  } else {
    std::vector<size_t> order = LargestTerms(arithmetic);
    double rest = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      const ArithmeticTerm& term = arithmetic.terms[order[i]];
      if (i < most_terms) json["terms"].push_back(TermJson(explanation, term));
      if (i >= most_terms) rest += term.product();
    }
    json["left_out"] = {{"terms", arithmetic.terms.size() - json["terms"].size()}, {"sum", rest}};
  }
  json["offsets"] = Json::array();
  for (const ArithmeticTerm& term : arithmetic.offsets) json["offsets"].push_back(TermJson(explanation, term));
  const std::vector<ChannelSum> channels = SumsByChannel(arithmetic);
  if (channels.size() > 1) {
    const int64_t first = FirstChannel(explanation);
    json["channels"] = Json::array();
    for (const ChannelSum& sum : channels) {
      json["channels"].push_back({{"channel", first + sum.channel}, {"sum", sum.sum}});
    }
  }
  json["numbers"] = Json::object();
  for (const auto& [name, value] : arithmetic.numbers) json["numbers"][name] = value;
  json["value"] = arithmetic.value;
  json["tolerance"] = arithmetic.tolerance;
  if (arithmetic.rule == Arithmetic::Rule::kSum) json["absolute_sum"] = AbsoluteSum(arithmetic);
  json["agrees"] = explanation.Agrees();
  return json;
}

}  // namespace convscope::internal
