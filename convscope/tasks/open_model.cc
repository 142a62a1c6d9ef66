#include "convscope/tasks/open_model.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/onnx.h"

namespace convscope {
namespace {

OpenedModel FromNetwork(Network network, std::string source, uint64_t seed) {
  network.Initialize(seed);
  ModelFile file{.model = network.model(),
                 .name = network.name(),
                 .source = std::move(source),
                 .class_names = network.class_names,
                 .preprocessing = network.preprocessing,
                 .outputs = network.outputs(),
                 .notes = {}};
  return {.file = std::move(file), .network = std::move(network), .trained = false};
}

OpenedModel FromFile(const std::filesystem::path& path, const OpenModelOptions& options) {
  const std::string ending = LowerCaseEnding(path);
  if (ending == ".onnx") return {.file = ReadOnnx(path), .network = std::nullopt};
  if (ending == ".json") return FromNetwork(ReadKerasJson(path), "layers of " + path.string(), options.seed);
  throw Error({.where = path.string(),
               .rule = "a model file ends in .onnx or .json (Keras' layers)",
               .received = ending.empty() ? "no ending" : ending,
               .fix = "export the model as ONNX"});
}

}  // namespace

OpenedModel OpenModel(const std::string& model, const OpenModelOptions& options) {
  const std::vector<std::string> names = ArchitectureNames();
  if (std::find(names.begin(), names.end(), model) != names.end()) {
    return FromNetwork(MakeArchitecture(model, options.architecture), "built in, untrained", options.seed);
  }
  const std::filesystem::path path = model;
  if (std::filesystem::is_directory(path)) {
    if (std::filesystem::exists(path / "model.onnx")) return FromFile(path / "model.onnx", options);
    throw Error({.where = model, .rule = "a run folder holds a model.onnx", .received = "a folder without one"});
  }
  if (std::filesystem::exists(path)) return FromFile(path, options);
  const std::string near = DidYouMean(model, names);
  throw Error({.where = "model",
               .rule = "a model is a file, a run folder or a built-in architecture",
               .received = '"' + model + '"',
               .fix = near.empty() ? "summary lists the built-in ones" : near});
}

}  // namespace convscope
