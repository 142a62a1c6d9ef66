#include "convscope/tasks/open_model.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/picture_note.h"
#include "convscope/formats/picture_side_file.h"
#include "convscope/formats/weight_file.h"
#include "convscope/inspect/own_scaling.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/open_network.h"
#include "convscope/train/network_rules.h"

namespace convscope {
namespace {

// With the weights that the network has.
OpenedModel FromNetwork(Network network, std::string source) {
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

// `stem`: what a file is called that tells no name.
OpenedModel FromOnnx(ModelFile file, const std::string& stem) {
  if (file.name.empty()) file.name = stem;
  const std::string name = file.name;
  if (!file.missing.empty()) file.name += " (as far as it can be read)";
  const bool trained = !file.notes.contains(kUntrainedNote);
  return {.file = std::move(file), .network = {}, .trained = trained, .bare_name = name};
}

OpenedModel FromFile(const std::filesystem::path& path, const OnnxImport& import) {
  return FromOnnx(ReadOnnx(path, {}, import), path.stem().string());
}

// The number of classes that what is left over tells: where all that is missing is of the last layer, and the file has
// one vector of another length for it.
std::optional<int64_t> OtherClasses(const Graph& graph, const WeightReport& report,
                                    const std::vector<StoredTensor>& stored) {
  const std::vector<WeightPlace> places = WeightPlaces(graph);
  for (const WeightPlace& place : places) {
    const bool missing =
        std::find(report.missing.begin(), report.missing.end(), place.parameter) != report.missing.end();
    if (missing && place.module != places.back().module) return std::nullopt;
  }
  std::optional<int64_t> classes;
  for (const StoredTensor& tensor : stored) {
    const bool left =
        std::find(report.left_over.begin(), report.left_over.end(), tensor.name) != report.left_over.end();
    if (!left || tensor.tensor->shape().rank() != 1) continue;
    if (classes && *classes != tensor.tensor->size()) return std::nullopt;
    classes = tensor.tensor->size();
  }
  return classes;
}

std::optional<WeightLayout> LayoutOf(const std::map<std::string, std::string>& metadata) {
  const auto told = metadata.find(kLayoutNote);
  if (told == metadata.end()) return std::nullopt;
  return told->second == "torch" ? WeightLayout::kTorch : WeightLayout::kKeras;
}

// PyTorch's exporters put batch norms into the convolutions before them: then a file that has them is of another form
// of the network, and its kernels alone are not what the network computed with.
void RefuseFoldedNorms(const Graph& graph, const WeightReport& report, const std::string& where) {
  const auto is_norm = [](const GraphNode& node) { return node.operation->type() == "BatchNormalization"; };
  if (std::any_of(graph.nodes().begin(), graph.nodes().end(), is_norm)) return;
  for (const std::string& name : report.left_over) {
    if (!name.ends_with("running_mean") && !name.ends_with("moving_mean")) continue;
    throw Error({.where = where,
                 .rule = "the network has the batch normalizations whose statistics the file holds",
                 .received = Concat(name, ", and a network whose kernels have them folded in"),
                 .fix = "export the network without folding (torch.onnx.export with "
                        "training=TrainingMode.PRESERVE), or use the weights that its own file has"});
  }
}

void NoteWidened(const std::vector<StoredTensor>& stored, ModelFile& file) {
  for (const StoredTensor& tensor : stored) {
    if (!tensor.widened.empty()) file.widened.insert(tensor.widened);
  }
}

OpenedModel WithWeights(Network network, const ModelChoice& model, const OpenModelOptions& options) {
  std::map<std::string, std::string> metadata;
  const std::vector<StoredTensor> stored = ReadWeightFile(model.weights, &metadata);
  MatchedWeights matched = MatchWeights(network.graph(), stored, LayoutOf(metadata));
  TakeArguments(network, matched);
  const Architecture* const built_in = FindArchitecture(model.name);
  if (built_in != nullptr && built_in->tells_classes && !options.architecture.classes &&
      !matched.report.missing.empty()) {
    if (const auto classes = OtherClasses(network.graph(), matched.report, stored); classes && *classes > 0) {
      ArchitectureOptions other = options.architecture;
      other.classes = *classes;
      Network fitting = MakeArchitecture(model.name, other);
      MatchedWeights again = MatchWeights(fitting.graph(), stored, LayoutOf(metadata));
      if (again.report.missing.empty()) {
        network = std::move(fitting);
        matched = std::move(again);
      }
    }
  }
  if (!options.partial_weights) ExpectAllMatched(matched.report, model.weights);
  if (!matched.report.missing.empty() && network.weights().empty()) network.Initialize(options.seed);
  network.SetWeights(matched.weights);
  OpenedModel opened = FromNetwork(std::move(network), "weights of " + model.weights);
  opened.trained = !matched.report.matched.empty() && !metadata.contains(kUntrainedNote);
  opened.weights = std::move(matched.report);
  NoteWidened(stored, opened.file);
  return opened;
}

OpenedModel WithWeights(OpenedModel opened, const std::string& weights, const OpenModelOptions& options) {
  std::map<std::string, std::string> metadata;
  const std::vector<StoredTensor> stored = ReadWeightFile(weights, &metadata);
  const Graph& graph = opened.file.model.graph();
  MatchedWeights matched = MatchWeights(graph, stored, LayoutOf(metadata));
  RefuseFoldedNorms(graph, matched.report, weights);
  if (!options.partial_weights) ExpectAllMatched(matched.report, weights);
  NamedTensors parameters = opened.file.model.parameters();
  for (const auto& [name, tensor] : matched.weights) parameters[name] = tensor;
  opened.file.model = Model(Graph(graph), std::move(parameters));
  opened.file.source = "weights of " + weights;
  if (metadata.contains(kUntrainedNote) && matched.report.missing.empty()) {
    opened.trained = false;
    opened.file.notes[kUntrainedNote] = metadata[kUntrainedNote];
  } else if (!matched.report.matched.empty()) {
    opened.trained = true;
    opened.file.notes.erase(kUntrainedNote);
  }
  opened.weights = std::move(matched.report);
  NoteWidened(stored, opened.file);
  return opened;
}

// The file that a model is in, of which side files can lie beside; none for a built-in one.
std::optional<std::filesystem::path> FileOf(const std::string& model) {
  if (FindArchitecture(model) != nullptr) return std::nullopt;
  const auto file = TrainedModelFile(model);
  return file ? file : std::filesystem::path(model);
}

// What is said of pictures and classes beside the model, what counts least first.
std::vector<PictureNote> NotesOn(const ModelChoice& model) {
  std::vector<PictureNote> notes;
  if (const auto file = FileOf(model)) notes = ReadPictureSideFiles(*file);
  notes.push_back(NoteOf(model.pictures));
  return notes;
}

// Of another number of classes: the user's own list does not fit, one that lies there may be of something else.
void CheckNames(const PictureNote& note, const ModelFile& file, const PictureFlags& flags) {
  const std::vector<std::string>& names = note.class_names;
  if (flags.class_names.empty() || names.empty() || FitsClasses(names, file)) return;
  throw Error({.where = flags.class_names,
               .rule = Concat("there is a name for each of the model's ", ClassCount(file), " classes"),
               .received = Concat(names.size(), " names")});
}

void CheckSize(const PictureNote& note, const Graph& graph) {
  if (note.rows == 0) return;
  for (const GraphTensor& tensor : graph.tensors()) {
    const Shape& shape = tensor.type.shape;
    if (tensor.role != TensorRole::kInput) continue;
    if (shape.rank() == 4 && shape[1] == note.rows && shape[2] == note.columns) return;
    throw Error(
        {.where = "--input-size",
         .rule = Concat("it chooses the size of pictures where a model leaves it open; the input of this one is ",
                        shape.ToString()),
         .received = Concat(note.rows, " x ", note.columns),
         .fix = "leave it out: pictures are brought to the model's size"});
  }
}

bool TakesPictures(const Graph& graph) {
  for (const GraphTensor& tensor : graph.tensors()) {
    const Shape& shape = tensor.type.shape;
    if (tensor.role != TensorRole::kInput) continue;
    return shape.rank() == 4 && (shape[3] == 1 || shape[3] == 3) && tensor.type.dtype == DType::kFloat32;
  }
  return false;
}

// By which numbers pictures are scaled where nothing tells; returns the line that says so, empty where it is told and
// for a model that takes none. What the model does itself, by the nodes of `own`, counts most: its weights may be
// others than when its file was written. Without such nodes, what was assumed then is assumed still.
std::string AssumeScaling(const std::vector<std::string>& own, ModelFile& file) {
  if ((file.preprocessing && !file.scaling_assumed) || !TakesPictures(file.model.graph())) return "";
  const char* const untold = "the file does not tell how they were prepared";
  Preprocessing& made = file.preprocessing ? *file.preprocessing : file.preprocessing.emplace();
  file.scaling_assumed = true;
  if (!own.empty()) {
    std::string nodes;
    for (const std::string& node : own) nodes += (nodes.empty() ? "" : ", ") + node;
    made.divisor = 1;
    return Concat("pictures are fed in as they are, 0 to 255, since the model scales them itself (", nodes,
                  "): ", untold, " (--preset unit for 0 to 1)");
  }
  if (made.divisor == 1) {
    return Concat("pictures are fed in as they are, 0 to 255, as was assumed when the file was written: ", untold,
                  " (--preset unit for 0 to 1)");
  }
  return Concat("pictures are divided by 255, and no more: ", untold,
                " (--preset imagenet for most that learned ImageNet)");
}

// What means above 1 mean, where nothing that goes over them tells a divisor; empty where there are none. Of the notes
// that the model took, in their order.
std::string AssumedOfMeans(const std::vector<PictureNote>& taken) {
  for (auto note = taken.rbegin(); note != taken.rend(); ++note) {
    if (CountsTo255(*note)) {
      return Concat("pixels, 0 to 255, are not divided: a mean above 1 (", note->source,
                    ") is of such ones (--pixel-divisor to divide them)");
    }
    if (note->divisor || note->mean) return "";
  }
  return "";
}

// The output that is meant; throws Error with those that there are.
void ChooseOutput(const std::string& name, ModelFile& file) {
  if (name.empty()) return;
  const std::string chosen = TensorName(file.model.graph(), name);
  if (std::find(file.outputs.begin(), file.outputs.end(), chosen) == file.outputs.end()) {
    std::string all;
    for (const std::string& output : file.outputs) all += (all.empty() ? "" : ", ") + output;
    throw Error({.where = "--model-output",
                 .rule = "it is one of the model's outputs",
                 .received = Concat('"', name, '"'),
                 .fix = "there are: " + all});
  }
  file.outputs = {chosen};
  file.rules.output = chosen;
}

void Tell(const ModelChoice& model, const ModelFile& file, const std::string& of_pictures) {
  if (!model.tell) return;
  for (const std::string& line : file.assumed) model.tell({ModelRemark::Kind::kAssumed, line});
  if (model.shown_pictures && !of_pictures.empty()) model.tell({ModelRemark::Kind::kAssumed, of_pictures});
  for (const std::string& line : file.missing) model.tell({ModelRemark::Kind::kMissing, line});
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

namespace {

// A network that was read or built, with its weights, those of a file of their own, or random numbers.
OpenedModel OfNetwork(Network network, const ModelChoice& model, const OpenModelOptions& options,
                      const KerasFileNote& note) {
  const bool built_in = FindArchitecture(model.name) != nullptr, of_keras = !built_in && IsKerasFile(model.name);
  OpenedModel opened = [&] {
    if (!model.weights.empty()) return WithWeights(std::move(network), model, options);
    if (of_keras) {
      OpenedModel read = FromNetwork(std::move(network), "Keras file " + model.name);
      read.trained = !note.untrained;
      return read;
    }
    network.Initialize(options.seed);
    return FromNetwork(std::move(network),
                       built_in ? "built in, untrained" : "layers of " + model.name + ", untrained");
  }();
  opened.file.scaling_assumed = note.scaling_assumed;
  if (of_keras && !note.told) opened.file.preprocessing.reset();
  return opened;
}

bool IsLayersAlone(const std::string& model) {
  return FindArchitecture(model) == nullptr && !TrainedModelFile(model) && !IsKerasFile(model);
}

// What is fed in tells how large pictures are, too.
NetworkReading ReadingOf(const OnnxImport& import) {
  NetworkReading reading{.rows = import.rows, .columns = import.columns};
  for (const auto& [name, tensor] : import.inputs) {
    const Shape& shape = tensor->shape();
    if (reading.rows == 0 && shape.rank() == 4) reading.rows = shape[1], reading.columns = shape[2];
  }
  return reading;
}

OpenedModel Open(const ModelChoice& model, const OpenModelOptions& options) {
  if (const auto file = TrainedModelFile(model)) {
    OpenedModel opened = FromFile(*file, options.import);
    return model.weights.empty() ? std::move(opened) : WithWeights(std::move(opened), model.weights, options);
  }
  KerasFileNote note;
  NetworkReading reading = ReadingOf(options.import);
  Network network = OpenNetwork(model, options.architecture, &note, &reading);
  OpenedModel opened = OfNetwork(std::move(network), model, options, note);
  opened.file.assumed.insert(opened.file.assumed.begin(), reading.assumed.begin(), reading.assumed.end());
  return opened;
}

// What holds for a model however it was opened: the notes on its pictures, the output that is meant, what is assumed.
OpenedModel Finish(OpenedModel opened, const ModelChoice& model, const std::vector<PictureNote>& notes,
                   bool layers_alone) {
  if (opened.bare_name.empty()) opened.bare_name = opened.file.name;
  ChooseOutput(model.output, opened.file);
  if (opened.weights) opened.file.name += " with " + std::filesystem::path(model.weights).filename().string();
  const std::vector<std::string> own_scaling = OwnScaling(opened.file.model);
  // Layers alone are shown pictures from 0 to 1 while they learn, but where they scale them themselves.
  if (!own_scaling.empty() && layers_alone) opened.file.preprocessing.reset();
  std::vector<PictureNote> taken;
  for (const PictureNote& note : notes) {
    ApplyNote(note, opened.file);
    if (opened.file.preprocessing_source == note.source) taken.push_back(note);
  }
  CheckNames(notes.back(), opened.file, model.pictures);
  CheckSize(notes.back(), opened.file.model.graph());
  if (std::string line = AssumedOfMeans(taken); !line.empty()) opened.file.assumed.push_back(std::move(line));
  const std::string of_pictures = AssumeScaling(own_scaling, opened.file);
  if (opened.network) {
    if (opened.file.preprocessing) opened.network->preprocessing = *opened.file.preprocessing;
    opened.network->class_names = opened.file.class_names;
  }
  Tell(model, opened.file, of_pictures);
  return opened;
}

}  // namespace

OpenedModel OpenModel(const ModelChoice& model, const OpenModelOptions& options) {
  const std::vector<PictureNote> notes = NotesOn(model);
  OpenModelOptions sized = options;
  for (const PictureNote& note : notes) {
    if (note.rows == 0 || options.import.rows > 0) continue;
    sized.import.rows = note.rows;
    sized.import.columns = note.columns;
  }
  return Finish(Open(model, sized), model, notes, IsLayersAlone(model.name));
}

OpenedModel OpenModelBytes(std::string_view bytes, const ModelChoice& choice) {
  constexpr std::string_view kHdf5 = "\x89HDF", kZip = "PK\x03\x04";
  if (bytes.starts_with(kHdf5) || bytes.starts_with(kZip)) {
    throw Error({.where = choice.name,
                 .rule = "a model that is sent is an .onnx file",
                 .received = bytes.starts_with(kZip) ? "a .keras file, or another archive" : "an .h5 file",
                 .fix = "name it on the command line: convscope serve MODEL.keras"});
  }
  return Finish(FromOnnx(ParseOnnx(bytes, choice.name), choice.name), choice, {NoteOf(choice.pictures)}, false);
}

}  // namespace convscope
