#include "app/server/json_body.h"

#include <algorithm>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::server {
namespace {

constexpr int kMostDepth = 6;

[[noreturn]] void Refuse(const std::string& where, const std::string& rule, const std::string& received) {
  throw Error({.where = where, .rule = rule, .received = received, .fix = "see /api/openapi.json"});
}

// Null where there is none.
const Json* Member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

Json ParseBody(const std::string& body) {
  const auto within_depth = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMostDepth) Refuse("request", Concat("JSON is nested at most ", kMostDepth, " deep here"), "deeper");
    return true;
  };
  try {
    Json json = Json::parse(body, within_depth);
    if (!json.is_object()) Refuse("request", "a request is a JSON object", json.type_name());
    return json;
  } catch (const Json::parse_error& error) {
    Refuse("request", "a request is JSON", Concat("a mistake at byte ", error.byte));
  }
}

void CheckMembers(const Json& object, const std::string& where, std::initializer_list<const char*> names) {
  if (!object.is_object()) Refuse(where, "an object is wanted", object.type_name());
  for (const auto& [name, value] : object.items()) {
    const std::string_view member = name;
    if (std::any_of(names.begin(), names.end(), [&](const char* known) { return member == known; })) continue;
    std::string list;
    for (const char* known : names) list += (list.empty() ? "" : ", ") + std::string(known);
    Refuse(where, "its members are " + list, name.substr(0, 80));
  }
}

void Read(const Json& object, const char* name, std::string& value) {
  const Json* const member = Member(object, name);
  if (member == nullptr) return;
  if (!member->is_string()) Refuse(name, "a string is wanted", member->type_name());
  value = member->get<std::string>();
}

void Read(const Json& object, const char* name, bool& value) {
  const Json* const member = Member(object, name);
  if (member == nullptr) return;
  if (!member->is_boolean()) Refuse(name, "true or false is wanted", member->type_name());
  value = member->get<bool>();
}

void Read(const Json& object, const char* name, int64_t& value) {
  const Json* const member = Member(object, name);
  if (member == nullptr) return;
  if (!member->is_number_integer()) Refuse(name, "a whole number is wanted", member->type_name());
  value = member->get<int64_t>();
}

void Read(const Json& object, const char* name, std::optional<int64_t>& value) {
  if (Member(object, name) != nullptr) Read(object, name, value.emplace());
}

void Read(const Json& object, const char* name, std::vector<std::string>& value, size_t most) {
  const Json* const member = Member(object, name);
  if (member == nullptr) return;
  if (!member->is_array()) Refuse(name, "a list is wanted", member->type_name());
  if (member->size() > most) Refuse(name, Concat("a list of at most ", most), std::to_string(member->size()));
  value.clear();
  for (const Json& item : *member) {
    if (!item.is_string()) Refuse(name, "a list of strings is wanted", item.type_name());
    value.push_back(item.get<std::string>());
  }
}

}  // namespace convscope::server
