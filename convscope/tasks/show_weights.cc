#include "convscope/tasks/show_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/channel_maxima.h"
#include "convscope/inspect/classifier.h"
#include "convscope/tasks/internal/weight_object.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

// What stands before the last '/' of a parameter's name: its layer, in what is built here. Else the node's name.
std::string LayerOf(const std::string& parameter, const std::string& node) {
  const size_t slash = parameter.rfind('/');
  return slash == std::string::npos ? node : parameter.substr(0, slash);
}

// The parameters of the layer that `name` means; none where there is no such. Tells the layers that there are.
std::set<std::string> FindParameters(const Graph& graph, const std::string& name,
                                     std::vector<std::string>* known = nullptr) {
  std::set<std::string> found;
  for (const GraphNode& node : graph.nodes()) {
    std::string layer;
    for (const int input : node.inputs) {
      const GraphTensor& tensor = graph.tensors()[input];
      if (tensor.role != TensorRole::kParameter) continue;
      layer = LayerOf(tensor.name, node.name);
      if (node.name == name || tensor.name == name || layer == name) found.insert(tensor.name);
    }
    if (!layer.empty() && known != nullptr) known->push_back(layer);
  }
  return found;
}

// As FindParameters; throws Error where there is no such layer.
std::set<std::string> ParametersOf(const Graph& graph, const std::string& name) {
  std::vector<std::string> known;
  std::set<std::string> found = FindParameters(graph, name, &known);
  if (!found.empty()) return found;
  std::string list;
  for (size_t i = 0; i < std::min<size_t>(known.size(), 12); ++i) list += (i == 0 ? "" : ", ") + known[i];
  if (known.size() > 12) list += fmt::format(" and {} more", known.size() - 12);
  throw Error({.where = "--layer",
               .rule = known.empty() ? "the model has no layer with weights"
                                     : "it names a layer with weights, or one of its parameters: " + list,
               .received = name,
               .fix = DidYouMean(name, known)});
}

bool IsOpposite(const NearDuplicate& pair) {
  return pair.cosine < 0;
}

FilterFacts FactsOfFilters(const Model& model, const KernelUse& use, double alike) {
  const Tensor filters = FiltersOf(model, use);
  const Shape& shape = filters.shape();
  FilterFacts facts{.use = use,
                    .layer = LayerOf(use.parameter, use.node),
                    .rows = shape[0],
                    .columns = shape[1],
                    .channels = shape[2],
                    .filters = shape[3],
                    .norms = FilterNorms(filters),
                    .dead = {},
                    .alike = NearDuplicates(filters, alike),
                    .opposite = {}};
  if (facts.alike) {
    std::copy_if(facts.alike->begin(), facts.alike->end(), std::back_inserter(facts.opposite), IsOpposite);
    std::erase_if(*facts.alike, IsOpposite);
  }
  for (int64_t f = 0; f < facts.filters; ++f) {
    if (facts.norms[static_cast<size_t>(f)] == 0) facts.dead.push_back(f);
  }
  return facts;
}

void LookAtPictures(const ModelData& opened, const Progress& progress, std::vector<WeightTensor>* tensors) {
  const ModelFile& file = opened.model.file;
  // A logit may well be below 0 on all pictures: it answers all the same.
  const auto classes = TryFindClassifier(file.model.graph(), file.outputs);
  std::vector<std::string> names;
  std::vector<FilterFacts*> facts;
  for (WeightTensor& tensor : *tensors) {
    if (!tensor.filters || (classes && tensor.filters->use.output == classes->logits)) continue;
    tensor.filters->activation = ActivationAfter(opened.model.file.model.graph(), tensor.filters->use.output);
    names.push_back(tensor.filters->activation);
    facts.push_back(&*tensor.filters);
  }
  if (names.empty()) return;
  const auto maxima =
      ChannelMaxima(opened.model.file.model, opened.data, names,
                    {.scaling = opened.model.file.preprocessing.value_or(Preprocessing{}), .progress = progress});
  for (size_t t = 0; t < facts.size(); ++t) {
    for (size_t f = 0; f < maxima[t].size(); ++f) {
      if (maxima[t][f] <= 0) facts[t]->silent.push_back(static_cast<int64_t>(f));
    }
  }
}

// "0, 3, 17 and 5 more"; "none".
std::string List(const std::vector<int64_t>& numbers) {
  constexpr size_t kMost = 12;
  std::string text = numbers.empty() ? "none" : "";
  for (size_t i = 0; i < std::min(numbers.size(), kMost); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", numbers[i]);
  if (numbers.size() > kMost) text += fmt::format(" and {} more", numbers.size() - kMost);
  return text;
}

// "0 and 3 (0.998), 4 and 7 (0.961) and 2 more pairs"; "none".
std::string PairsText(const std::vector<NearDuplicate>& pairs) {
  constexpr size_t kMost = 8;
  std::string text = pairs.empty() ? "none" : "";
  for (size_t i = 0; i < std::min(pairs.size(), kMost); ++i) {
    text += fmt::format("{}{} and {} ({:.3f})", i == 0 ? "" : ", ", pairs[i].a, pairs[i].b, pairs[i].cosine);
  }
  if (pairs.size() > kMost) text += fmt::format(" and {} more pairs", pairs.size() - kMost);
  return text;
}

std::string FiltersText(const FilterFacts& facts, const Weights& weights) {
  std::vector<double> norms = facts.norms;
  std::erase_if(norms, [](double norm) { return std::isnan(norm); });
  const auto [least, most] = std::minmax_element(norms.begin(), norms.end());
  std::string text = facts.use.spatial == 0
                         ? fmt::format("{}: {} of {}", facts.layer, CountText(facts.filters, "unit"),
                                       CountText(facts.channels, "input"))
                         : fmt::format("{}: {}, {} x {} x {}", facts.layer, CountText(facts.filters, "filter"),
                                       facts.rows, facts.columns, facts.channels);
  if (!norms.empty()) text += fmt::format(", norms {:.4g} to {:.4g}", *least, *most);
  if (norms.size() < facts.norms.size()) text += fmt::format(", {} NaN", facts.norms.size() - norms.size());
  text += fmt::format("\n  zero: {}", List(facts.dead));
  if (!facts.activation.empty()) {
    text += fmt::format("\n  {} never above 0 on {}: {}", facts.activation, weights.data, List(facts.silent));
  }
  text += fmt::format("\n  nearly the same (cosine at least {:g}): ", weights.request.alike);
  if (!facts.alike) return text + "not computed, too many pairs\n";
  text += PairsText(*facts.alike);
  if (!facts.opposite.empty()) text += "\n  nearly opposite: " + PairsText(facts.opposite);
  return text + "\n";
}

WeightTensor Describe(const Model& model, const std::string& parameter, const std::vector<KernelUse>& kernels,
                      double alike) {
  const Tensor& values = *model.parameters().find(parameter)->second;
  WeightTensor entry{.name = parameter,
                     .shape = values.shape(),
                     .statistics = StatisticsOf(values.view()),
                     .histogram = HistogramOf(values.view())};
  const auto use = std::find_if(kernels.begin(), kernels.end(),
                                [&](const KernelUse& kernel) { return kernel.parameter == parameter; });
  if (use != kernels.end()) entry.filters = FactsOfFilters(model, *use, alike);
  return entry;
}

}  // namespace

WeightTensor DescribeParameter(const Model& model, const std::string& parameter, double alike) {
  const auto found = model.parameters().find(parameter);
  if (found == model.parameters().end() || found->second->dtype() != DType::kFloat32) {
    throw Error({.where = "parameter", .rule = "it is one of the model, of float32", .received = parameter});
  }
  return Describe(model, parameter, KernelsOf(model.graph()), alike);
}

Weights ShowWeights(const WeightsRequest& request) {
  if (!(request.alike > 0 && request.alike <= 1)) {
    throw Error({.where = "--alike",
                 .rule = "a cosine similarity is above 0 and at most 1",
                 .received = fmt::format("{:g}", request.alike)});
  }
  std::optional<ModelData> opened;
  if (request.data) opened = OpenModelData(request.model, *request.data, request.train);
  OpenedModel own = opened ? opened->model : OpenModel(request.model);
  const Model model = own.file.model;
  const Graph& graph = model.graph();
  std::set<std::string> chosen;
  const auto known = [&graph](const std::string& name) { return !FindParameters(graph, name).empty(); };
  for (const std::string& layer : LayerNames(request.layers, known)) chosen.merge(ParametersOf(graph, layer));

  Weights weights{.model = std::move(own), .request = request, .data = opened ? opened->title : "", .tensors = {}};
  const Progress progress = request.data ? request.data->progress : Progress();
  const std::vector<KernelUse> kernels = KernelsOf(graph);
  for (const GraphTensor& tensor : graph.tensors()) {
    const bool wanted = chosen.empty() || chosen.contains(tensor.name);
    if (tensor.role != TensorRole::kParameter || tensor.type.dtype != DType::kFloat32 || !wanted) continue;
    weights.tensors.push_back(Describe(model, tensor.name, kernels, request.alike));
  }
  if (opened) LookAtPictures(*opened, progress, &weights.tensors);
  return weights;
}

std::string WeightsText(const Weights& weights) {
  std::string text = weights.model.title() + "\n";
  size_t width = 9;
  for (const WeightTensor& tensor : weights.tensors) width = std::max(width, tensor.name.size());
  text += fmt::format("{:<{}}  {:>18}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}\n", "parameter", width, "shape",
                      "smallest", "largest", "mean", "deviation", "norm");
  for (const WeightTensor& tensor : weights.tensors) {
    const ValueStatistics& s = tensor.statistics;
    text += fmt::format("{:<{}}  {:>18}  {:>10.4g}  {:>10.4g}  {:>10.4g}  {:>10.4g}  {:>10.4g}", tensor.name, width,
                        tensor.shape.ToString(), s.minimum, s.maximum, s.mean, s.deviation, s.norm);
    if (s.zeros > 0) text += fmt::format("  {} of {} zero", s.zeros, s.count);
    if (s.not_finite > 0) text += fmt::format("  {} NaN or infinite", s.not_finite);
    text += "\n";
  }
  for (const WeightTensor& tensor : weights.tensors) {
    if (tensor.filters) text += "\n" + FiltersText(*tensor.filters, weights);
  }
  return text;
}

internal::Json internal::WeightObject(const WeightTensor& tensor, double alike) {
  const ValueStatistics& s = tensor.statistics;
  const auto lengths = tensor.shape.lengths();
  Json one = {{"name", tensor.name},
              {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
              {"minimum", s.minimum},
              {"maximum", s.maximum},
              {"mean", s.mean},
              {"deviation", s.deviation},
              {"norm", s.norm},
              {"zeros", s.zeros},
              {"not_finite", s.not_finite},
              {"histogram",
               {{"low", tensor.histogram.low}, {"high", tensor.histogram.high}, {"counts", tensor.histogram.counts}}}};
  if (!tensor.filters) return one;
  const FilterFacts& facts = *tensor.filters;
  Json filters = {{"layer", facts.layer},       {"node", facts.use.node}, {"operation", facts.use.operation},
                  {"filters", facts.filters},   {"rows", facts.rows},     {"columns", facts.columns},
                  {"channels", facts.channels}, {"norms", facts.norms},   {"dead", facts.dead},
                  {"threshold", alike}};
  filters["near_duplicates"] = facts.alike ? Json::array() : Json();
  if (facts.alike) {
    for (const NearDuplicate& pair : *facts.alike) {
      filters["near_duplicates"].push_back({{"filters", {pair.a, pair.b}}, {"cosine", pair.cosine}});
    }
    filters["opposites"] = Json::array();
    for (const NearDuplicate& pair : facts.opposite) {
      filters["opposites"].push_back({{"filters", {pair.a, pair.b}}, {"cosine", pair.cosine}});
    }
  }
  if (!facts.activation.empty()) {
    filters["activation"] = facts.activation;
    filters["never_above_zero"] = facts.silent;
  }
  one["filters"] = std::move(filters);
  return one;
}

std::string WeightsJson(const Weights& weights) {
  internal::Json json = {{"model", weights.model.file.name}, {"trained", weights.model.trained}};
  if (!weights.data.empty()) json["data"] = weights.data;
  json["tensors"] = internal::Json::array();
  for (const WeightTensor& tensor : weights.tensors) {
    json["tensors"].push_back(internal::WeightObject(tensor, weights.request.alike));
  }
  return internal::JsonText(json);
}

std::vector<std::filesystem::path> SaveWeights(const Weights& weights, const std::filesystem::path& folder) {
  std::vector<Tensor> norms;
  norms.reserve(weights.tensors.size());
  std::vector<NamedArray> arrays;
  for (const WeightTensor& tensor : weights.tensors) {
    arrays.push_back({tensor.name, weights.model.file.model.parameters().find(tensor.name)->second.get()});
    if (!tensor.filters) continue;
    Tensor& own = norms.emplace_back(Shape{tensor.filters->filters});
    for (int64_t f = 0; f < own.size(); ++f) {
      own.data()[f] = static_cast<float>(tensor.filters->norms[static_cast<size_t>(f)]);
    }
    arrays.push_back({tensor.name + ".norms", &own});
  }
  return SaveArrays(arrays, folder);
}

}  // namespace convscope
