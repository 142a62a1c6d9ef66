#include "convscope/tasks/model_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/run_data.h"

namespace convscope {

ModelData OpenModelData(const std::string& model, const OpenDataOptions& data, bool train) {
  const std::optional<RunRecord> run = RunOf(model);
  OpenedData opened = OpenData(run ? AsTrained(data, *run) : data);
  Dataset part = train ? std::move(opened.data.train) : std::move(opened.data.test);
  OpenedModel made = OpenModel(model, {.architecture = {.input = part.shape(), .classes = part.classes()}});
  CompareClassNames(made.file.class_names, part.class_names());
  std::string name = train ? "train" : "test";
  std::string title = fmt::format("{} {} pictures of {}", part.size(), train ? "training" : "test", opened.name);
  std::vector<std::string> names = ClassNames(made.file.class_names, part.class_names(), part.classes());
  return {.model = std::move(made),
          .data = std::move(part),
          .title = std::move(title),
          .part = std::move(name),
          .class_names = std::move(names)};
}

int64_t ParseClass(const std::string& text, const std::vector<std::string>& class_names) {
  for (size_t c = 0; c < class_names.size(); ++c) {
    if (LowerCase(class_names[c]) == LowerCase(text)) return static_cast<int64_t>(c);
  }
  const auto classes = static_cast<int64_t>(class_names.size());
  const NumberInText number = LeadingNumber(text);
  if (number.length == text.size() && number.value >= 0 && number.value < static_cast<double>(classes)) {
    const auto chosen = static_cast<int64_t>(number.value);
    if (static_cast<double>(chosen) == number.value) return chosen;
  }
  std::string list;
  for (size_t c = 0; c < std::min<size_t>(class_names.size(), 20); ++c) {
    list += fmt::format("{}{} {}", c == 0 ? "" : ", ", c, class_names[c]);
  }
  if (class_names.size() > 20) list += ", ...";
  throw Error({.where = "class",
               .rule = fmt::format("there are classes 0 to {}: {}", classes - 1, list),
               .received = text,
               .fix = DidYouMean(text, class_names)});
}

}  // namespace convscope
