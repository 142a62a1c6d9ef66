#include "convscope/formats/keras_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

using Json = nlohmann::ordered_json;

// Deeper than any network is written; a text of brackets alone must not end the stack.
constexpr int kMostDepth = 200;

Config FromJson(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<int64_t>();
    case Json::value_t::number_unsigned:
      // What no int64_t holds is no argument of a layer either; as a double it is told as what it was.
      return json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX) ? Config(json.get<double>())
                                                                     : Config(json.get<int64_t>());
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array: {
      Config::List list;
      for (const Json& entry : json) list.push_back(FromJson(entry));
      return list;
    }
    case Json::value_t::object: {
      Config::Object object;
      for (const auto& [key, value] : json.items()) object.emplace_back(key, FromJson(value));
      return object;
    }
    default:
      return {};
  }
}

Json ToJson(const Config& config) {
  if (config.AsBool() != nullptr) return *config.AsBool();
  if (config.AsInteger() != nullptr) return *config.AsInteger();
  if (config.AsDouble() != nullptr) return *config.AsDouble();
  if (config.AsString() != nullptr) return *config.AsString();
  if (config.AsList() != nullptr) {
    Json list = Json::array();
    for (const Config& entry : *config.AsList()) list.push_back(ToJson(entry));
    return list;
  }
  if (config.AsObject() != nullptr) {
    Json object = Json::object();
    for (const auto& [key, value] : *config.AsObject()) object[key] = ToJson(value);
    return object;
  }
  return nullptr;
}

}  // namespace

Network ParseKerasJson(std::string_view text, const std::string& where, NetworkReading* reading) {
  Json json;
  try {
    const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kMostDepth) {
        throw Error({.where = where,
                     .rule = Concat("a network's text is nested at most ", kMostDepth, " levels deep"),
                     .received = "more"});
      }
      return true;
    };
    json = Json::parse(text, limit_depth);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..." and numbers that no double holds.
    const std::string_view what = error.what();
    const size_t place = what.find("at line"), blank = what.find("] ");
    throw Error({.where = where,
                 .rule = "a network's text is JSON",
                 .received = place != std::string_view::npos   ? Concat("a mistake ", what.substr(place))
                             : blank != std::string_view::npos ? std::string(what.substr(blank + 2))
                                                               : std::string(what)});
  }
  try {
    return NetworkFromConfig(FromJson(json), reading);
  } catch (const Error& error) {
    throw error.At(where);
  }
}

Network ReadKerasJson(const std::string& path, NetworkReading* reading) {
  return ParseKerasJson(ReadFile(path, kMaxKerasJsonBytes), path, reading);
}

std::string KerasJson(const Network& network) {
  return ToJson(NetworkToConfig(network)).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ConfigJson(const Config& config) {
  return ToJson(config).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void WriteKerasJson(const Network& network, const std::string& path) {
  const std::string text = KerasJson(network);
  const std::string_view pieces[] = {text};
  WriteFileAtomically(path, pieces);
}

}  // namespace convscope
