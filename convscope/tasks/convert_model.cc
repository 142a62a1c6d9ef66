#include "convscope/tasks/convert_model.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/npz.h"
#include "convscope/formats/onnx.h"
#include "convscope/formats/safetensors.h"
#include "convscope/formats/weight_layout.h"
#include "convscope/graph/rebuild.h"
#include "convscope/tasks/fed_arrays.h"
#include "convscope/tasks/model_example.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/open_network.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/run_data.h"

namespace convscope {
namespace {

bool IsWeights(const std::string& ending) {
  return ending == ".safetensors" || ending == ".npz";
}

// The parameters in the order of the network: as they are named and laid out here, which is Keras' way, or PyTorch's.
std::vector<StoredTensor> WeightsOf(const Model& model, WeightLayout layout) {
  if (layout == WeightLayout::kTorch) return TorchState(model.graph(), model.parameters());
  std::vector<StoredTensor> weights;
  for (const WeightPlace& place : WeightPlaces(model.graph())) {
    SharedTensor tensor = model.parameters().find(place.parameter)->second;
    if (place.keras != place.shape) tensor = Share(tensor->Clone().Reshaped(place.keras));
    weights.push_back({place.parameter, std::move(tensor)});
  }
  return weights;
}

void Count(std::span<const StoredTensor> tensors, Conversion& conversion) {
  conversion.tensors = static_cast<int64_t>(tensors.size());
  for (const StoredTensor& tensor : tensors) conversion.parameters += tensor.tensor->size();
}

// The layers of a model: those that it was opened with; those that a run was trained with, with the weights of its
// file.
Network LayersOf(const OpenedModel& opened, const ConvertRequest& request) {
  if (opened.network) return *opened.network;
  std::optional<RunRecord> run = RunOf(request.model);
  const std::filesystem::path path = request.model.name;
  if (!run && (path.filename() == "model.onnx" || path.filename() == "best.onnx")) run = RunOf(path.parent_path());
  if (!run) {
    throw Error({.where = request.model.name,
                 .rule = "Keras' files are made of layers",
                 .received = "a model of operations",
                 .fix = "write an .onnx file, or weights alone"});
  }
  const Graph& graph = opened.file.model.graph();
  ArchitectureOptions options;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kInput) options.input = Shape(tensor.type.shape.lengths().subspan(1));
  }
  const Architecture* const built_in = FindArchitecture(run->settings.model);
  if (built_in != nullptr && built_in->tells_classes && !opened.file.outputs.empty()) {
    options.classes = graph[opened.file.outputs[0]].type.shape.back();
  }
  Network network = OpenNetwork(run->settings.model, options);
  network.SetWeights(opened.file.model.parameters());
  network.class_names = opened.file.class_names;
  if (opened.file.preprocessing) network.preprocessing = *opened.file.preprocessing;
  return network;
}

constexpr char kUntrainedText[] = "random numbers of seed 0";

bool WritesLayers(const std::string& output) {
  return output.ends_with(".weights.h5") || LowerCaseEnding(output) == ".keras" || LowerCaseEnding(output) == ".json";
}

void WriteLayers(const Network& network, const std::string& output, const KerasFileNote& note) {
  if (output.ends_with(".weights.h5")) return WriteKerasWeights(network, output);
  LowerCaseEnding(output) == ".keras" ? WriteKerasFile(network, output, note) : WriteKerasJson(network, output);
}

// What Keras does not have, or has in another order than the model that it wrote.
void TellOwnLayers(const Network& network, const std::string& output, Conversion& conversion) {
  const bool weights_alone = output.ends_with(".weights.h5");
  const auto is_ours = [](const NetworkLayer& layer) {
    return layer.layer->class_name() == "LocalResponseNormalization";
  };
  const auto is_nested = [](const NetworkLayer& layer) { return layer.name.find('/') != std::string::npos; };
  if (!weights_alone && std::ranges::any_of(network.layers(), is_ours)) {
    conversion.changed.push_back(
        "Keras has no layer LocalResponseNormalization: it opens the file once a class of that name is registered with "
        "keras.saving.register_keras_serializable(package=\"convscope\")");
  }
  if (weights_alone && std::ranges::any_of(network.layers(), is_nested)) {
    conversion.changed.push_back(
        "the weights are those of one model, without models as layers in it: Keras loads them into that one, which a "
        ".keras file gives it, not into the nested one");
  }
}

// A source is read to the end before its place is taken, but nobody means to lose it.
void CheckNoSource(const ConvertRequest& request) {
  const auto file = FindArchitecture(request.model.name) == nullptr ? TrainedModelFile(request.model) : std::nullopt;
  for (const std::string& source : {file ? file->string() : request.model.name, request.model.weights}) {
    std::error_code failure;
    if (source.empty() || !std::filesystem::equivalent(source, request.output, failure)) continue;
    throw Error({.where = request.output,
                 .rule = "a model is written to another file than it is read from",
                 .received = "the same file",
                 .fix = "choose another name"});
  }
}

// What of a file of floats of two bytes is wider in another.
void TellWidened(const ModelFile& file, Conversion& conversion) {
  std::string types;
  for (const std::string& type : file.widened) types += (types.empty() ? "" : " and ") + type;
  if (!types.empty()) conversion.changed.push_back("numbers of " + types + " are written as float32");
}

bool TakesAnyBatch(const Graph& graph, int64_t batch) {
  try {
    Rebuild(graph, {.batch = batch + 1});
    return true;
  } catch (const Error&) {
    return false;
  }
}

// The axes of inputs that the source leaves open, and an .onnx file made of it does not.
void TellFixed(const ModelFile& file, Conversion& conversion) {
  const Graph& graph = file.model.graph();
  for (const auto& [input, open] : file.open_axes) {
    const Shape& shape = graph[input].type.shape;
    std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
    if (const auto order = file.axes.find(input); order != file.axes.end()) {
      for (size_t i = 0; i < lengths.size(); ++i) {
        lengths[static_cast<size_t>(order->second[i])] = shape[static_cast<int>(i)];
      }
    }
    std::string fixed;
    for (const int64_t axis : open) {
      if (axis == 0 && TakesAnyBatch(graph, lengths[0])) continue;
      fixed += Concat(fixed.empty() ? "" : ", ", axis, " (", lengths[static_cast<size_t>(axis)], ")");
    }
    if (fixed.empty()) continue;
    conversion.changed.push_back(
        Concat("input ", input, " has fixed lengths in axes that were open: ", fixed,
               "; --input-size ROWS,COLUMNS of pictures, or an array as --example, chooses others"));
  }
}

}  // namespace

void CheckConversion(const ConvertRequest& request) {
  const std::string ending = LowerCaseEnding(request.output);
  if (ending != ".onnx" && !WritesLayers(request.output) && !IsWeights(ending)) {
    throw Error({.where = request.output,
                 .rule =
                     "a model is written to an .onnx or a .keras file, its layers to a .json file, its weights to a "
                     ".safetensors, .npz or .weights.h5 file",
                 .received = ending.empty() ? "a name without an ending" : ending});
  }
  if (request.layout == WeightLayout::kTorch && !IsWeights(ending)) {
    throw Error({.where = request.output,
                 .rule = "PyTorch's layout is of files of weights, .safetensors and .npz",
                 .received = ending});
  }
  if (!request.example.empty() && ending != ".onnx") {
    throw Error({.where = request.output, .rule = "an .onnx file carries an example", .received = ending});
  }
  CheckOutputFile(request.output);
  CheckNoSource(request);
}

Conversion ConvertModel(const ConvertRequest& request) {
  CheckConversion(request);
  const bool picture = IsPictureExample(request.example);
  NamedTensors fed = picture ? NamedTensors() : ReadFedArrays(request.example, "--example");
  OpenModelOptions options{.partial_weights = request.partial};
  options.import.inputs = fed;
  options.import.lengths_alone = true;  // what the file computes from values stays so
  ModelChoice model = request.model;
  model.shown_pictures = picture;
  OpenedModel opened = OpenModel(model, options);
  if (!opened.file.missing.empty()) {
    throw Error({.where = request.model.name,
                 .rule = "a model that is converted can be read as a whole",
                 .received = opened.file.missing.front(),
                 .fix = "the rest can be looked at: convscope summary, features, explain"});
  }
  opened.file.name = opened.bare_name;
  const std::string ending = LowerCaseEnding(request.output);
  Conversion conversion{.model = opened.file.name,
                        .output = request.output,
                        .source = opened.file.source,
                        .trained = opened.trained,
                        .weights = std::move(opened.weights)};
  const std::vector<StoredTensor> weights = WeightsOf(opened.file.model, request.layout);
  if (ending != ".json") {
    Count(weights, conversion);
    TellWidened(opened.file, conversion);
  }
  if (WritesLayers(request.output)) {
    const Network network = LayersOf(opened, request);
    TellOwnLayers(network, request.output, conversion);
    WriteLayers(network, request.output,
                {.scaling_assumed = opened.file.scaling_assumed, .untrained = !opened.trained});
  } else if (ending == ".npz") {
    WriteNpz(weights, request.output);
  } else if (ending == ".safetensors") {
    std::map<std::string, std::string> metadata = {
        {"format", request.layout == WeightLayout::kTorch ? "pt" : "np"},
        {kLayoutNote, request.layout == WeightLayout::kTorch ? "torch" : "keras"},
        {"model", opened.file.name},
        {"source", opened.file.source}};
    if (!opened.trained) metadata[kUntrainedNote] = kUntrainedText;
    WriteSafetensors(weights, metadata, request.output);
  } else {
    if (picture) {
      opened.file.example = MakePictureExample(opened.file, request.example[0]);
    } else if (!fed.empty()) {
      opened.file.example = MakeExample(opened.file, std::move(fed));
    } else if (opened.file.example && conversion.weights) {
      opened.file.example = MadeAgain(opened.file, *opened.file.example);
    }
    conversion.example = opened.file.example.has_value();
    if (!opened.trained && !opened.file.notes.contains(kUntrainedNote)) {
      opened.file.notes[kUntrainedNote] = kUntrainedText;
    }
    TellFixed(opened.file, conversion);
    WriteOnnx(opened.file, request.output);
  }
  return conversion;
}

}  // namespace convscope
