#include "convscope/tasks/open_model.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/formats/onnx.h"
#include "convscope/tasks/open_network.h"
#include "convscope/train/network_rules.h"

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
  // Those of a network of several outputs depend on which of them is trained; there is nothing to train it yet.
  if (network.outputs().size() == 1) file.rules = RulesOf(network);
  return {.file = std::move(file), .network = std::move(network), .trained = false};
}

OpenedModel FromFile(const std::filesystem::path& path) {
  ModelFile file = ReadOnnx(path);
  const bool trained = !file.notes.contains(kUntrainedNote);
  return {.file = std::move(file), .network = {}, .trained = trained};
}

}  // namespace

std::optional<std::filesystem::path> TrainedModelFile(const std::string& model) {
  if (FindArchitecture(model) != nullptr) return std::nullopt;
  const std::filesystem::path path = model;
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    if (std::filesystem::exists(path / "model.onnx", failure)) return path / "model.onnx";
    throw Error({.where = model, .rule = "a run folder holds a model.onnx", .received = "a folder without one"});
  }
  if (LowerCaseEnding(path) == ".onnx") return path;
  return std::nullopt;
}

OpenedModel OpenModel(const std::string& model, const OpenModelOptions& options) {
  if (const auto file = TrainedModelFile(model)) return FromFile(*file);
  return FromNetwork(OpenNetwork(model, options.architecture),
                     FindArchitecture(model) != nullptr ? "built in, untrained" : "layers of " + model + ", untrained",
                     options.seed);
}

}  // namespace convscope
