#include "convscope/tasks/infer_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/formats/file_axes.h"
#include "convscope/graph/trace.h"
#include "convscope/tasks/fed_arrays.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/tensor_files.h"
#include "convscope/tensor/element_type.h"

namespace convscope {
namespace {

struct Statistics {
  double least = std::numeric_limits<double>::infinity(), most = -least, sum = 0;
  int64_t nans = 0;
};

Statistics StatisticsOf(const Tensor& tensor) {
  Statistics all;
  ForElementType(tensor.dtype(), [&](auto type) {
    for (const auto element : tensor.view<decltype(type)>().span()) {
      const auto value = static_cast<double>(element);
      if (std::isnan(value)) {
        ++all.nans;
        continue;
      }
      all.least = std::min(all.least, value);
      all.most = std::max(all.most, value);
      all.sum += value;
    }
  });
  return all;
}

}  // namespace

Inferred InferModel(const InferRequest& request, const Progress& progress) {
  NamedTensors inputs = ReadFedArrays(request.inputs, "--input");
  OpenModelOptions options;
  options.import.inputs = inputs;
  const OpenedModel opened = OpenModel(request.model, options);
  const ModelFile& file = opened.file;
  const Model model = ModelFor(file, inputs, "--input");
  const Graph& graph = model.graph();

  const auto is_lost = [&](const std::string& name) {
    return std::find(file.lost.begin(), file.lost.end(), name) != file.lost.end();
  };
  std::vector<std::string> wanted = file.outputs, lost = file.lost;
  if (!request.tensors.empty()) {
    wanted = LayerNames(request.tensors, [&](const std::string& name) {
      return graph.Has(TensorName(graph, name)) || is_lost(name) || file.constants.contains(name);
    });
    lost.clear();
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(lost), is_lost);
    std::erase_if(wanted, is_lost);
  }
  if (request.all) {
    wanted.clear();
    lost.clear();
    for (const GraphTensor& tensor : graph.tensors()) {
      if (tensor.role == TensorRole::kComputed) wanted.push_back(tensor.name);
    }
    for (const auto& [name, tensor] : file.constants) {
      // One that is an output is computed, too.
      if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
    }
  }
  for (std::string& name : wanted) {  // before the work
    if (!file.constants.contains(name)) name = graph.tensors()[graph.Find(TensorName(graph, name))].name;
  }
  const Trace trace(model, inputs, progress);
  Inferred inferred{.model = opened.title(),
                    .results = {},
                    .assumed = file.assumed,
                    .missing = file.missing,
                    .lost = std::move(lost)};
  for (const std::string& name : wanted) {
    const auto constant = file.constants.find(name);
    if (constant != file.constants.end()) {
      inferred.results.push_back({.name = name, .tensor = constant->second, .constant = true});
    } else {
      inferred.results.push_back({.name = name, .tensor = InFileAxes(file, name, trace.Get(name))});
    }
  }
  return inferred;
}

void CheckNothingLost(const Inferred& inferred) {
  if (inferred.lost.empty()) return;
  std::string names;
  for (const std::string& name : inferred.lost) names += (names.empty() ? "" : ", ") + name;
  throw Error({.where = inferred.model,
               .rule = "every output asked for is computed",
               .received = "a model without " + names + ", which depends on what could not be read",
               .fix = "name with --tensor what is wanted of the rest"});
}

std::string InferText(const Inferred& inferred) {
  std::string text = inferred.model + "\n";
  size_t width = 6;
  for (const Inferred::Result& result : inferred.results) width = std::max(width, result.name.size());
  text += fmt::format("{:{}}  {:24}  {:8}  {:>12}  {:>12}  {:>12}\n", "tensor", width, "shape", "type", "smallest",
                      "mean", "largest");
  for (const auto& [name, tensor, constant, file] : inferred.results) {
    const Statistics all = StatisticsOf(*tensor);
    const int64_t numbers = tensor->size() - all.nans;
    text += fmt::format("{:{}}  {:24}  {:8}", name, width, tensor->shape().ToString(), Name(tensor->dtype()));
    if (numbers > 0) {
      text +=
          fmt::format("  {:12.6g}  {:12.6g}  {:12.6g}", all.least, all.sum / static_cast<double>(numbers), all.most);
    }
    if (all.nans > 0) text += fmt::format("  {} NaN", all.nans);
    if (constant) text += numbers > 0 ? "  constant" : fmt::format("  {:>40}  constant", "");
    if (!file.empty()) text += "  " + file;
    text += '\n';
  }
  return text;
}

std::string InferJson(const Inferred& inferred) {
  internal::Json tensors = internal::Json::array();
  for (const auto& [name, tensor, constant, file] : inferred.results) {
    const Statistics all = StatisticsOf(*tensor);
    const int64_t numbers = tensor->size() - all.nans;
    internal::Json entry = {
        {"name", name}, {"shape", tensor->shape().lengths()}, {"type", Name(tensor->dtype())}, {"nan", all.nans}};
    entry["constant"] = constant;
    if (!file.empty()) entry["file"] = file;
    if (numbers > 0) {
      entry["smallest"] = all.least;
      entry["mean"] = all.sum / static_cast<double>(numbers);
      entry["largest"] = all.most;
    }
    tensors.push_back(std::move(entry));
  }
  return internal::JsonText({{"model", inferred.model},
                             {"tensors", tensors},
                             {"assumed", inferred.assumed},
                             {"missing", inferred.missing},
                             {"lost", inferred.lost}});
}

void SaveInferred(Inferred& inferred, const std::string& folder, const Progress& progress) {
  std::vector<NamedArray> arrays;
  for (const Inferred::Result& result : inferred.results) arrays.push_back({result.name, result.tensor.get()});
  const std::vector<std::filesystem::path> files = SaveArrays(arrays, folder, progress);
  for (size_t i = 0; i < files.size(); ++i) inferred.results[i].file = files[i].string();
}

}  // namespace convscope
