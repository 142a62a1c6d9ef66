// What a conversion tells: as text and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "convscope/tasks/convert_model.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::Json;

constexpr std::string_view NameOf(WeightMatch::By by) {
  return by == WeightMatch::By::kName ? "name" : by == WeightMatch::By::kShape ? "shape" : "order";
}

std::string NamesText(std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = fmt::format("{} {}:", names.size(), what);
  for (const std::string& name : names) text += " " + name;
  return text + "\n";
}

std::string WeightsText(const WeightReport& report) {
  size_t widest = 0, widest_stored = 0;
  for (const WeightMatch& match : report.matched) {
    widest = std::max(widest, match.parameter.size() + match.shape.ToString().size() + 1);
    widest_stored = std::max(widest_stored, match.stored.size() + match.stored_shape.ToString().size() + 1);
  }
  std::string text = fmt::format("{} of {} parameters have weights of the file:\n", report.matched.size(),
                                 report.matched.size() + report.missing.size());
  for (const WeightMatch& match : report.matched) {
    std::string how = fmt::format("by {}", NameOf(match.by));
    if (match.transposed) how += ", transposed";
    if (match.reordered) how += ", rows from channels first";
    text += fmt::format("  {:<{}} <- {:<{}}  {}\n", match.parameter + " " + match.shape.ToString(), widest,
                        match.stored + " " + match.stored_shape.ToString(), widest_stored, how);
  }
  for (const WeightMatch& misfit : report.misfits) {
    text += fmt::format("does not fit: {} {}, where {} is {}\n", misfit.stored, misfit.stored_shape.ToString(),
                        misfit.parameter, misfit.shape.ToString());
  }
  text += NamesText("parameters without, left as they were", report.missing);
  text += NamesText("of the file left over", report.left_over);
  if (!report.ignored.empty()) {
    text += fmt::format("{} of the file are counters that nothing computes with\n", report.ignored.size());
  }
  return text;
}

Json MatchesJson(const std::vector<WeightMatch>& matches) {
  Json list = Json::array();
  for (const WeightMatch& match : matches) {
    list.push_back({{"parameter", match.parameter},
                    {"shape", match.shape.lengths()},
                    {"stored", match.stored},
                    {"stored_shape", match.stored_shape.lengths()},
                    {"by", NameOf(match.by)},
                    {"transposed", match.transposed},
                    {"reordered", match.reordered}});
  }
  return list;
}

}  // namespace

std::string ConversionText(const Conversion& conversion) {
  std::string text = conversion.weights ? WeightsText(*conversion.weights) : "";
  text += fmt::format("{}: {}{}", conversion.output, conversion.model, conversion.trained ? "" : " (untrained)");
  if (conversion.tensors > 0) {
    text += fmt::format(", {} parameters in {} tensors", conversion.parameters, conversion.tensors);
  }
  if (conversion.example) text += ", with an example to check it by";
  text += "\n";
  for (const std::string& line : conversion.changed) text += line + "\n";
  return text;
}

std::string ConversionJson(const Conversion& conversion) {
  Json json = {{"model", conversion.model},     {"output", conversion.output},   {"source", conversion.source},
               {"trained", conversion.trained}, {"tensors", conversion.tensors}, {"parameters", conversion.parameters},
               {"example", conversion.example}, {"changed", conversion.changed}};
  if (conversion.weights) {
    json["weights"] = {{"matched", MatchesJson(conversion.weights->matched)},
                       {"misfits", MatchesJson(conversion.weights->misfits)},
                       {"missing", conversion.weights->missing},
                       {"left_over", conversion.weights->left_over},
                       {"ignored", conversion.weights->ignored}};
  }
  return internal::JsonText(json);
}

}  // namespace convscope
