#include "convscope/formats/internal/onnx_note.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace convscope::internal {
namespace {

using Json = nlohmann::ordered_json;  // attributes keep their order

// Far more than any attribute means, and far from where sums and products of them overflow.
constexpr int64_t kMostInteger = int64_t{1} << 31;

std::string Dump(const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception&) {
    throw Error({.rule = "names in an .onnx file are UTF-8", .received = "other bytes", .fix = "rename it"});
  }
}

// JSON has no infinities; a number in quotes would be taken for text.
Json Number(double value) {
  if (std::isfinite(value)) return value;
  return {{"number", ShortestText(value)}};
}

Json Value(const Attribute& attribute) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, double>) {
          return Number(held);
        } else {
          return held;
        }
      },
      attribute.value);
}

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  [[noreturn]] void Fail(const std::string& wanted) const {
    throw Error({.where = where_,
                 .rule = "a note of convscope holds " + wanted,
                 .received = "something else",
                 .fix = "the file was changed or damaged: write it again"});
  }

  Json Parse(const std::string& text) const {
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() && !json.is_array()) Fail("JSON");
    return json;
  }
  const Json& At(const Json& json, const std::string& key) const {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (found == json.end()) Fail('"' + key + '"');
    return *found;
  }
  std::string String(const Json& json) const {
    if (!json.is_string()) Fail("text here");
    return json.get<std::string>();
  }
  std::string Name(const Json& json) const {
    std::string name = String(json);
    if (name.empty()) Fail("names");
    return name;
  }
  template <typename Element>
  auto List(const Json& json, Element element) const {
    if (!json.is_array()) Fail("a list here");
    std::vector<std::decay_t<decltype(element(json))>> list;
    for (const Json& item : json) list.push_back(element(item));
    return list;
  }
  std::vector<std::string> Names(const Json& json) const {
    return List(json, [&](const Json& item) { return Name(item); });
  }
  int64_t Integer(const Json& json) const {
    if (!json.is_number_integer() || json.is_number_float()) Fail("a whole number here");
    const bool small = json.is_number_unsigned() ? json.get<uint64_t>() <= uint64_t{1} << 31
                                                 : std::abs(json.get<double>()) <= static_cast<double>(kMostInteger);
    if (!small) Fail("whole numbers of at most 2^31");
    return json.get<int64_t>();
  }
  std::vector<int64_t> Integers(const Json& json) const {
    return List(json, [&](const Json& item) { return Integer(item); });
  }
  double Float(const Json& json) const {
    if (json.is_object()) return ParseNumber(String(At(json, "number")), where_);
    if (!json.is_number()) Fail("a number here");
    return json.get<double>();
  }
  Attribute ToAttribute(const std::string& name, const Json& json) const {
    if (json.is_boolean()) return {name, json.get<bool>()};
    if (json.is_string()) return {name, json.get<std::string>()};
    if (json.is_array()) return {name, Integers(json)};
    if (json.is_number_float() || json.is_object()) return {name, Float(json)};
    return {name, Integer(json)};
  }

 private:
  const std::string& where_;
};

}  // namespace

std::string Text(const NodeNote& note) {
  Json attributes = Json::object();
  for (const Attribute& attribute : note.attributes.list()) attributes[attribute.name] = Value(attribute);
  return Dump({{"operation", note.operation},
               {"inputs", note.inputs},
               {"outputs", note.outputs},
               {"attributes", std::move(attributes)}});
}

std::string Text(const ParameterNote& note) {
  return Dump({{"parameter", note.parameter}, {"axes", note.axes}, {"flipped", note.flipped}});
}

std::string Text(const InputNote& note) {
  return Dump({{"shape", note.shape}});
}

NodeNote ParseNodeNote(const std::string& text, const std::string& where) {
  const Reader reader(where);
  const Json json = reader.Parse(text);
  NodeNote note{.operation = reader.Name(reader.At(json, "operation")),
                .inputs = reader.Names(reader.At(json, "inputs")),
                .outputs = reader.Names(reader.At(json, "outputs"))};
  const Json& attributes = reader.At(json, "attributes");
  if (!attributes.is_object()) reader.Fail("attributes by name");
  std::vector<Attribute> list;
  for (const auto& item : attributes.items()) list.push_back(reader.ToAttribute(item.key(), item.value()));
  note.attributes = std::move(list);
  return note;
}

ParameterNote ParseParameterNote(const std::string& text, const std::string& where) {
  const Reader reader(where);
  const Json json = reader.Parse(text);
  return {.parameter = reader.Name(reader.At(json, "parameter")),
          .axes = reader.Integers(reader.At(json, "axes")),
          .flipped = reader.Integers(reader.At(json, "flipped"))};
}

InputNote ParseInputNote(const std::string& text, const std::string& where) {
  const Reader reader(where);
  return {.shape = reader.Integers(reader.At(reader.Parse(text), "shape"))};
}

std::string TextOfNames(const std::vector<std::string>& names) {
  return Dump(Json(names));
}

std::vector<std::string> ParseNames(const std::string& text, const std::string& where) {
  const Reader reader(where);
  return reader.List(reader.Parse(text), [&](const Json& item) { return reader.String(item); });
}

std::string Text(const NumbersNote& note) {
  Json json = Json::object();
  for (const auto& [name, numbers] : note.lists) {
    Json list = Json::array();
    for (const double number : numbers) list.push_back(Number(number));
    json[name] = std::move(list);
  }
  return Dump(json);
}

std::vector<std::vector<double>> ParseNumbers(const std::string& text, const std::vector<std::string>& names,
                                              const std::string& where) {
  const Reader reader(where);
  const Json json = reader.Parse(text);
  std::vector<std::vector<double>> lists;
  for (const std::string& name : names) {
    lists.push_back(reader.List(reader.At(json, name), [&](const Json& item) { return reader.Float(item); }));
  }
  return lists;
}

}  // namespace convscope::internal
