// The model that a user means: a file, a run folder, or the name of a built-in architecture.
#ifndef CONVSCOPE_TASKS_OPEN_MODEL_H_
#define CONVSCOPE_TASKS_OPEN_MODEL_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "convscope/formats/model_file.h"
#include "convscope/formats/onnx.h"
#include "convscope/formats/weight_match.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/network.h"
#include "convscope/tasks/model_choice.h"

namespace convscope {

struct OpenModelOptions {
  uint64_t seed = 0;                 // of the weights of what has none
  ArchitectureOptions architecture;  // of a built-in one
  OnnxImport import;                 // of an .onnx file that another program wrote
  // A file of weights may leave parameters out: they keep the numbers that they have without it.
  bool partial_weights = false;
};

// Of ModelFile::notes in a file whose weights nobody has trained yet, and what they are.
inline constexpr char kUntrainedNote[] = "untrained";

// Of the metadata of a .safetensors file of ours: "keras" or "torch".
inline constexpr char kLayoutNote[] = "convscope.layout";

// The .onnx file that `model` means: itself, or that of a run folder; none for what has no weights yet. Throws Error
// for a folder without one.
std::optional<std::filesystem::path> TrainedModelFile(const std::string& model);

struct OpenedModel {
  ModelFile file;
  // Of a built-in architecture and of a file of Keras: its layers. What holds for parameters is in file.rules too.
  std::optional<Network> network;
  bool trained = true;  // else its weights are random numbers of the seed
  // Where weights are of a file of their own: what matched.
  std::optional<WeightReport> weights = {};
  // Of a built-in architecture that was made for other pictures or classes than its own (OpenModelAndData): "28 x 28 x
  // 1, 10 classes". file.name has it too.
  std::string made_for = {};
  // Its name without what figures say of it: that its weights are of another file.
  std::string bare_name = {};

  std::string title() const { return trained ? file.name : file.name + " (untrained)"; }  // for figures
};

// `model`: an .onnx file, a .keras, .h5 or .json file of Keras, a folder with a model.onnx (what `train` leaves), or a
// name of Architectures(); a name is never a path: write ./lenet for that. A file of weights (ReadWeightFile) takes the
// place of its own, and a built-in network is made for as many classes as it tells, unless the options say. Throws
// Error when `model` is none of these, with the nearest names, what reading throws, and for weights that are not of
// this network.
//
// What lies beside a file and what the choice says of pictures and classes is applied (ReadPictureSideFiles,
// PictureFlags); throws Error where it does not fit. A model of pictures has its preprocessing then: of what nothing
// tells, numbers are assumed, those of stored pixels where the model scales them itself (OwnScaling), else those of
// pixels divided by 255. Calls the choice's `tell`.
OpenedModel OpenModel(const ModelChoice& model, const OpenModelOptions& options = {});

// The same for the bytes of an .onnx file that somebody sent who is not trusted; `choice.name` is what it is called, if
// it tells no name itself, and no path. Bytes of Keras' formats are refused before anything looks at them.
OpenedModel OpenModelBytes(std::string_view bytes, const ModelChoice& choice);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_MODEL_H_
