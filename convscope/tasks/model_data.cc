#include "convscope/tasks/model_data.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "convscope/tasks/class_names.h"
#include "convscope/tasks/run_data.h"

namespace convscope {

ModelData OpenModelData(const std::string& model, const OpenDataOptions& data, bool train) {
  const std::optional<RunRecord> run = RunOf(model);
  OpenedData opened = OpenData(run ? AsTrained(data, *run) : data);
  Dataset part = train ? std::move(opened.data.train) : std::move(opened.data.test);
  ArchitectureOptions architecture{.input = part.shape(), .classes = part.classes()};
  const Architecture* const built_in = FindArchitecture(model);
  if (built_in != nullptr && !built_in->tells_classes) architecture.classes.reset();
  OpenedModel made = OpenModel(model, {.architecture = architecture});
  std::string remark = CompareClassNames(made.file.class_names, part.class_names());
  std::string title = fmt::format("{} {} pictures of {}", part.size(), train ? "training" : "test", opened.name);
  std::vector<std::string> names = ClassNames(made.file.class_names, part.class_names(), part.classes());
  return {.model = std::move(made),
          .data = std::move(part),
          .name = std::move(opened.name),
          .title = std::move(title),
          .part = train ? "train" : "test",
          .remark = std::move(remark),
          .class_names = std::move(names)};
}

}  // namespace convscope
