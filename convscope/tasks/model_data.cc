#include "convscope/tasks/model_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/inspect/classifier.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/run_data.h"

namespace convscope {
namespace {

// What a network is made for: "28 x 28 x 1", "10 classes".
struct Purpose {
  std::string pictures, classes;

  static Purpose Of(const Network& network) {
    const Graph& graph = network.graph();
    const auto of_sample = graph[network.inputs()[0]].type.shape.lengths().subspan(1);
    const Shape& output = graph[network.outputs()[0]].type.shape;
    return {.pictures = fmt::format("{}", fmt::join(of_sample, " x ")),
            .classes = fmt::format("{} classes", output[output.rank() - 1])};
  }
};

OpenedModel MadeFor(const ModelChoice& model, const Architecture& built_in, const Dataset& data) {
  ArchitectureOptions options{.input = data.shape(), .classes = {}};
  if (built_in.tells_classes) options.classes = data.classes();
  const std::string name(built_in.name);
  const Purpose own = Purpose::Of(MakeArchitecture(name));
  try {
    OpenedModel made = OpenModel(model, {.architecture = options});
    const Purpose now = Purpose::Of(*made.network);
    if (now.pictures != own.pictures) made.made_for = now.pictures;
    if (now.classes != own.classes) made.made_for += (made.made_for.empty() ? "" : ", ") + now.classes;
    if (!made.made_for.empty()) made.file.name += " for " + made.made_for;
    return made;
  } catch (const Error& error) {
    if (!model.weights.empty()) throw;  // it tells of them
    ErrorParts parts = error.parts();
    parts.where = fmt::format("{} for pictures of {}: {}", name, fmt::join(data.shape().lengths(), " x "), parts.where);
    parts.fix = fmt::format("take a network for such pictures; this one is for {}, to which picture files are scaled",
                            own.pictures);
    throw Error(parts);
  }
}

}  // namespace

OpenedData OpenDataFor(const std::string& model, const OpenDataOptions& options) {
  const std::optional<RunRecord> run = RunOf(model);
  return OpenData(run ? AsTrained(options, *run) : options);
}

std::optional<OpenedData> OpenDataFor(const std::string& model, const std::optional<OpenDataOptions>& options) {
  if (!options) return std::nullopt;
  return OpenDataFor(model, *options);
}

OpenedModel OpenModelFor(const ModelChoice& model, const OpenedData& data) {
  const Architecture* const built_in = FindArchitecture(model.name);
  return built_in == nullptr ? OpenModel(model) : MadeFor(model, *built_in, data.data.train);
}

OpenedModel OpenModelFor(const ModelChoice& model, const std::optional<OpenedData>& data) {
  return data ? OpenModelFor(model, *data) : OpenModel(model);
}

ModelData OpenModelData(const ModelChoice& model, const OpenDataOptions& data, bool train) {
  OpenedData opened = OpenDataFor(model, data);
  OpenedModel made = OpenModelFor(model, opened);
  Dataset part = train ? std::move(opened.data.train) : std::move(opened.data.test);
  std::string remark = CompareClassNames(made.file.class_names, part.class_names());
  // A pretrained model of other classes: what it says of these pictures can be neither right nor wrong.
  if (const auto scores = TryFindClassifier(made.file.model.graph(), made.file.outputs);
      remark.empty() && scores && scores->classes > 1 && scores->classes != part.classes()) {
    remark = fmt::format("the data has {} classes and the model {}: class i of one is taken for class i of the other",
                         part.classes(), scores->classes);
  }
  std::string title =
      fmt::format("{} of {}", CountText(part.size(), train ? "training picture" : "test picture"), opened.name);
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
