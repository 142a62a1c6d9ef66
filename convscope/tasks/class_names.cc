#include "convscope/tasks/class_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// "0", "1", ... stand for classes that have no names.
bool AreNumbers(const std::vector<std::string>& names) {
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] != std::to_string(c)) return false;
  }
  return true;
}

}  // namespace

std::string ClassName(const std::vector<std::string>& names, int64_t c) {
  return static_cast<size_t>(c) < names.size() ? names[static_cast<size_t>(c)] : fmt::format("class {}", c);
}

std::vector<std::string> ClassNames(const std::vector<std::string>& model, const std::vector<std::string>& data,
                                    int64_t classes) {
  const bool own = static_cast<int64_t>(model.size()) >= classes && !AreNumbers(model);
  std::vector<std::string> names;
  for (int64_t c = 0; c < classes; ++c) names.push_back(ClassName(own ? model : data, c));
  return names;
}

std::string TruthName(const std::vector<std::string>& model, const std::vector<std::string>& data, int64_t label) {
  return ClassName(AreNumbers(data) && model.size() == data.size() ? model : data, label);
}

std::optional<int64_t> FindClass(const std::string& text, const std::vector<std::string>& names) {
  const auto first = [&](const auto& same) -> std::optional<int64_t> {
    const auto found = std::find_if(names.begin(), names.end(), same);
    return found == names.end() ? std::nullopt : std::optional<int64_t>(found - names.begin());
  };
  if (const auto exact = first([&](const std::string& name) { return name == text; })) return exact;
  // More digits than any class has would not fit a number.
  const bool number = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
  if (number) {
    const int64_t chosen = ParseInteger(text, "class");
    return chosen < static_cast<int64_t>(names.size()) ? std::optional(chosen) : std::nullopt;
  }
  return first([&](const std::string& name) { return LowerCase(name) == LowerCase(text); });
}

int64_t ParseClass(const std::string& text, const std::vector<std::string>& names) {
  if (const auto found = FindClass(text, names)) return *found;
  constexpr size_t kMostListed = 40;
  std::string rule = fmt::format("there are classes 0 to {}", static_cast<int64_t>(names.size()) - 1), fix;
  bool named = false;
  for (size_t c = 0; c < names.size(); ++c) named = named || names[c] != ClassName({}, static_cast<int64_t>(c));
  if (named && !AreNumbers(names)) {
    fix = DidYouMean(text, names);
    for (size_t c = 0; c < names.size() && names.size() <= kMostListed; ++c) {
      rule += fmt::format("{}{} {}", c == 0 ? ": " : ", ", c, names[c]);
    }
    if (names.size() > kMostListed) {
      rule += fmt::format(": 0 {} to {} {}", names.front(), names.size() - 1, names.back());
    }
  }
  throw Error({.where = "class", .rule = std::move(rule), .received = '"' + text + '"', .fix = std::move(fix)});
}

std::vector<int64_t> ParseClasses(const std::vector<std::string>& texts, const std::vector<std::string>& names) {
  std::vector<int64_t> classes;
  const auto add = [&](int64_t c) {
    if (std::find(classes.begin(), classes.end(), c) == classes.end()) classes.push_back(c);
  };
  for (const std::string& text : texts) {
    // A name may have a comma of its own.
    if (const auto whole = FindClass(text, names)) {
      add(*whole);
      continue;
    }
    for (const std::string& piece : Split(text, ',')) add(ParseClass(piece, names));
  }
  return classes;
}

std::string CompareClassNames(const std::vector<std::string>& model, const std::vector<std::string>& data) {
  if (AreNumbers(model) || AreNumbers(data)) return "";
  std::string unknown;
  for (size_t c = 0; c < data.size(); ++c) {
    if (c < model.size() && model[c] == data[c]) continue;
    const auto elsewhere = std::find(model.begin(), model.end(), data[c]);
    if (elsewhere != model.end()) {
      throw Error({.where = "classes",
                   .rule = fmt::format("class {} of the model is \"{}\"", elsewhere - model.begin(), data[c]),
                   .received = fmt::format("data in which that is class {}", c),
                   .fix = "give the data the classes of the model, in its order"});
    }
    unknown += fmt::format("{}\"{}\"", unknown.empty() ? "" : ", ", data[c]);
  }
  return unknown.empty() ? "" : "the model has other names for these classes of the data: " + unknown;
}

}  // namespace convscope
