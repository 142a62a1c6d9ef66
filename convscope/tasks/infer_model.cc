#include "convscope/tasks/infer_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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

  std::vector<std::string> wanted = request.tensors.empty() ? file.outputs : LayerNames(request.tensors, graph);
  if (request.all) {
    wanted.clear();
    for (const GraphTensor& tensor : graph.tensors()) {
      if (tensor.role == TensorRole::kComputed) wanted.push_back(tensor.name);
    }
  }
  for (std::string& name : wanted) name = graph.tensors()[graph.Find(name)].name;  // before the work
  const Trace trace(model, inputs, progress);
  Inferred inferred{.model = opened.title(), .results = {}, .assumed = file.assumed, .missing = file.missing};
  for (const std::string& name : wanted) inferred.results.push_back({name, InFileAxes(file, name, trace.Get(name))});
  return inferred;
}

std::string InferText(const Inferred& inferred) {
  std::string text = inferred.model + "\n";
  size_t width = 6;
  for (const auto& [name, tensor] : inferred.results) width = std::max(width, name.size());
  text += fmt::format("{:{}}  {:24}  {:8}  {:>12}  {:>12}  {:>12}\n", "tensor", width, "shape", "type", "smallest",
                      "mean", "largest");
  for (const auto& [name, tensor] : inferred.results) {
    const Statistics all = StatisticsOf(*tensor);
    const int64_t numbers = tensor->size() - all.nans;
    text += fmt::format("{:{}}  {:24}  {:8}", name, width, tensor->shape().ToString(), Name(tensor->dtype()));
    if (numbers > 0) {
      text +=
          fmt::format("  {:12.6g}  {:12.6g}  {:12.6g}", all.least, all.sum / static_cast<double>(numbers), all.most);
    }
    if (all.nans > 0) text += fmt::format("  {} NaN", all.nans);
    text += '\n';
  }
  return text;
}

std::string InferJson(const Inferred& inferred) {
  internal::Json tensors = internal::Json::array();
  for (const auto& [name, tensor] : inferred.results) {
    const Statistics all = StatisticsOf(*tensor);
    const int64_t numbers = tensor->size() - all.nans;
    internal::Json entry = {
        {"name", name}, {"shape", tensor->shape().lengths()}, {"type", Name(tensor->dtype())}, {"nan", all.nans}};
    if (numbers > 0) {
      entry["smallest"] = all.least;
      entry["mean"] = all.sum / static_cast<double>(numbers);
      entry["largest"] = all.most;
    }
    tensors.push_back(std::move(entry));
  }
  return internal::JsonText(
      {{"model", inferred.model}, {"tensors", tensors}, {"assumed", inferred.assumed}, {"missing", inferred.missing}});
}

void SaveInferred(const Inferred& inferred, const std::string& folder, const Progress& progress) {
  std::vector<NamedArray> arrays;
  for (const auto& [name, tensor] : inferred.results) arrays.push_back({name, tensor.get()});
  SaveArrays(arrays, folder, progress);
}

}  // namespace convscope
