#include "convscope/nn/config.h"

#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr size_t kMostText = 80;  // characters of an error message

void Append(std::string& text, const Config& config) {
  if (text.size() > kMostText) return;  // nobody will see more
  if (const bool* truth = config.AsBool()) {
    text += *truth ? "true" : "false";
  } else if (const int64_t* whole = config.AsInteger()) {
    text += std::to_string(*whole);
  } else if (const double* real = config.AsDouble()) {
    text += ShortestText(*real);
  } else if (const std::string* string = config.AsString()) {
    text += '"' + *string + '"';
  } else if (const Config::List* list = config.AsList()) {
    text += '[';
    for (size_t i = 0; i < list->size(); ++i) {
      if (i > 0) text += ", ";
      Append(text, (*list)[i]);
    }
    text += ']';
  } else if (const Config::Object* object = config.AsObject()) {
    text += '{';
    for (size_t i = 0; i < object->size(); ++i) {
      text += Concat(i > 0 ? ", " : "", '"', (*object)[i].first, "\": ");
      Append(text, (*object)[i].second);
    }
    text += '}';
  } else {
    text += "null";
  }
}

}  // namespace

const Config* Config::Find(std::string_view key) const {
  const Object* object = AsObject();
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name == key) return &value;
  }
  return nullptr;
}

void Config::Set(std::string_view key, Config value) {
  if (!std::holds_alternative<Object>(value_)) value_ = Object{};
  Object& object = std::get<Object>(value_);
  for (auto& [name, held] : object) {
    if (name == key) {
      held = std::move(value);
      return;
    }
  }
  object.emplace_back(key, std::move(value));
}

std::string Config::ToText() const {
  std::string text;
  Append(text, *this);
  return text.size() > kMostText ? text.substr(0, kMostText) + "..." : text;
}

}  // namespace convscope
