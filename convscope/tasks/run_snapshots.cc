#include "convscope/tasks/run_snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/npy.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

// A computed tensor is that of a training's whole batch, as many samples as that had.
bool Fits(const Tensor& read, const GraphTensor& expected) {
  const Shape& shape = expected.type.shape;
  if (read.dtype() != expected.type.dtype || read.shape().rank() != shape.rank()) return false;
  for (int axis = expected.role == TensorRole::kParameter ? 0 : 1; axis < shape.rank(); ++axis) {
    if (read.shape()[axis] != shape[axis]) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> SnapshotTensors(const TrainSettings& settings, const Graph& network) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& asked : settings.snapshots) {
    if (asked != "parameters") {
      add(asked);
      continue;
    }
    for (const GraphTensor& tensor : network.tensors()) {
      if (tensor.role == TensorRole::kParameter) add(tensor.name);
    }
  }
  return names;
}

std::map<std::string, std::filesystem::path> SnapshotFiles(const std::filesystem::path& folder, int64_t step,
                                                           const std::set<std::string>& tensors) {
  FileNames names;  // in the order of the tensors' names, so that a tensor has the same one at every step
  std::map<std::string, std::filesystem::path> files;
  for (const std::string& tensor : tensors) {
    files[tensor] = folder / fmt::format("{:06}.{}.npy", step, names.Make(tensor));
  }
  return files;
}

RunSnapshots::RunSnapshots(const RunFolder& folder, const Graph& network) : folder_(folder.snapshots()) {
  for (const std::string& name : SnapshotTensors(ReadRunRecord(folder).settings, network)) {
    tensors_.insert(name);
    // A gradient is as large as what it is the gradient of.
    const std::string prefix = "gradient/";
    const bool gradient = !network.Has(name) && name.starts_with(prefix);
    const std::string of = gradient ? name.substr(prefix.size()) : name;
    if (network.Has(of)) expected_.emplace(name, network[of]);
  }
  std::error_code failure;
  std::set<int64_t> steps;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
    const std::string name = entry.path().filename().string();
    const std::string digits = name.substr(0, name.find('.'));
    if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) continue;
    steps.insert(ParseInteger(digits, name));
  }
  // One that the end of the training cut short is left out.
  for (const int64_t step : steps) {
    const auto files = SnapshotFiles(folder_, step, tensors_);
    const bool whole = std::all_of(files.begin(), files.end(), [](const auto& file) {
      std::error_code ignored;
      return std::filesystem::exists(file.second, ignored);
    });
    if (whole && !files.empty()) steps_.push_back(step);
  }
  if (!steps_.empty()) return;
  throw Error({.where = folder.path.string(),
               .rule = "a film is made of the snapshots of a run",
               .received = "a run without any",
               .fix = "train with --snapshot parameters --snapshot-every 20"});
}

SharedTensor RunSnapshots::Read(int64_t step, const std::string& tensor) const {
  if (!tensors_.contains(tensor)) {
    std::string known;
    for (const std::string& name : tensors_) known += (known.empty() ? "" : ", ") + name;
    throw Error({.where = "snapshots",
                 .rule = "the run has kept " + known,
                 .received = tensor,
                 .fix = "train with --snapshot parameters to keep all parameters"});
  }
  const std::filesystem::path file = SnapshotFiles(folder_, step, tensors_).at(tensor);
  SharedTensor read = Share(ReadNpy(file));
  const auto expected = expected_.find(tensor);
  if (expected == expected_.end() || Fits(*read, expected->second)) return read;
  throw Error({.where = file.string(),
               .rule = fmt::format("the snapshot of {} is {}", tensor, expected->second.type.ToString()),
               .received = TensorType{read->shape(), read->dtype()}.ToString(),
               .fix = "restore the file as the training wrote it, or train again"});
}

}  // namespace convscope
