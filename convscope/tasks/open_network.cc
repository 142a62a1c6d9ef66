#include "convscope/tasks/open_network.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/weight_file.h"

namespace convscope {
namespace {

// What does not begin as JSON was not meant to be: a mistake in it would say nothing.
void RefuseOtherFile(const std::string& model) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(model, failure)) return;  // a pipe is read once
  std::ifstream file(model, std::ios::binary);
  char first = 0;
  if (!(file >> first) || first == '{' || first == '[' || first == '\xef') return;  // or a byte order mark
  throw Error({.where = model,
               .rule = "a model is an .onnx, .keras or .h5 file, a run folder, or a network's layers as JSON",
               .received = "a file of another kind",
               .fix = "where it is one of these, give it that ending"});
}

}  // namespace

Network OpenNetwork(const std::string& model, const ArchitectureOptions& options, KerasFileNote* note,
                    NetworkReading* reading) {
  if (FindArchitecture(model) != nullptr) return MakeArchitecture(model, options);
  // What looks like a file is told as one: that it is not there, or what is wrong with it.
  std::error_code failure;
  const std::string ending = LowerCaseEnding(model);
  RefuseTorchFile(model);
  if (IsKerasFile(model)) return ReadKerasFile(model, note, reading);
  if (ending == ".safetensors" || ending == ".npz") {
    throw Error({.where = model,
                 .rule = "a model has layers",
                 .received = "a file of weights alone",
                 .fix = "name the network that they are of: resnet18 --weights " + model});
  }
  if (ending != ".json") RefuseOtherFile(model);
  if (ending == ".json" || std::filesystem::exists(model, failure)) return ReadKerasJson(model, reading);
  const std::vector<std::string> names = ArchitectureNames();
  std::string fix = DidYouMean(model, names);
  if (fix.empty()) {
    for (const std::string& name : names) fix += (fix.empty() ? "there are: " : ", ") + name;
  }
  throw Error({.where = "model",
               .rule = "a model is a file, a run folder or the name of a built-in network",
               .received = Concat('"', model, '"'),
               .fix = fix});
}

}  // namespace convscope
