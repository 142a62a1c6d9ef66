#include "convscope/tasks/class_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "convscope/base/error.h"

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
