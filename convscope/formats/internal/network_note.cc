#include "convscope/formats/internal/network_note.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/formats/picture_note.h"

namespace convscope::internal {

using Json = nlohmann::ordered_json;

std::string FormatNetworkNote(const Network& network, const KerasFileNote& note) {
  const Preprocessing& preprocessing = network.preprocessing;
  Json json = {{"preprocessing",
                {{"divisor", preprocessing.divisor},
                 {"mean", preprocessing.mean},
                 {"deviation", preprocessing.deviation},
                 {"channels", preprocessing.reversed ? "bgr" : "rgb"},
                 {"fit", std::string(NameOf(preprocessing.fit))},
                 {"crop", preprocessing.crop}}},
               {"class_names", network.class_names}};
  if (note.scaling_assumed) json["preprocessing"]["scaling"] = "assumed";
  if (note.untrained) json["untrained"] = true;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

KerasFileNote ApplyNetworkNote(std::string_view text, const std::string& where, Network& network) {
  Preprocessing preprocessing;
  std::vector<std::string> names;
  KerasFileNote note{.told = true};
  try {
    const Json json = Json::parse(text);
    const Json& stated = json.at("preprocessing");
    preprocessing = {.divisor = stated.at("divisor").get<double>(),
                     .mean = stated.at("mean").get<std::vector<double>>(),
                     .deviation = stated.at("deviation").get<std::vector<double>>()};
    // Of files before these were told.
    preprocessing.reversed = ParseChannelOrder(stated.value("channels", "rgb"), where);
    preprocessing.fit = ParsePictureFit(stated.value("fit", "cover"), where);
    preprocessing.crop = stated.value("crop", 1.0);
    note.scaling_assumed = stated.value("scaling", "told") == "assumed";
    note.untrained = json.value("untrained", false);
    names = json.at("class_names").get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    throw Error({.where = where,
                 .rule = "the note of a network has its \"preprocessing\" and its \"class_names\"",
                 .received = "something else"});
  }
  const auto bad = [](double deviation) { return deviation == 0; };
  if (std::any_of(preprocessing.deviation.begin(), preprocessing.deviation.end(), bad)) {
    throw Error({.where = where, .rule = "a deviation is not 0", .received = "0"});
  }
  if (!(preprocessing.crop > 0 && preprocessing.crop <= 1)) {
    throw Error({.where = where, .rule = "the part that is cut out is above 0 and at most 1", .received = "another"});
  }
  const Shape& output = network.graph()[network.outputs().at(0)].type.shape;
  if (!names.empty() && static_cast<int64_t>(names.size()) != output.back()) {
    throw Error({.where = where,
                 .rule = "there is a name for each class",
                 .received = std::to_string(names.size()) + " names for an output " + output.ToString()});
  }
  network.preprocessing = std::move(preprocessing);
  network.class_names = std::move(names);
  return note;
}

}  // namespace convscope::internal
