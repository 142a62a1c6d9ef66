// The model that a user means: a file, a run folder, or the name of a built-in architecture.
#ifndef CONVSCOPE_TASKS_OPEN_MODEL_H_
#define CONVSCOPE_TASKS_OPEN_MODEL_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "convscope/formats/model_file.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/network.h"

namespace convscope {

struct OpenModelOptions {
  uint64_t seed = 0;                 // of the weights of what has none
  ArchitectureOptions architecture;  // of a built-in one
};

// Of ModelFile::notes in a file whose weights nobody has trained yet, and what they are.
inline constexpr char kUntrainedNote[] = "untrained";

// The .onnx file that `model` means: itself, or that of a run folder; none for what has no weights yet. Throws Error
// for a folder without one.
std::optional<std::filesystem::path> TrainedModelFile(const std::string& model);

struct OpenedModel {
  ModelFile file;
  // Of a built-in architecture and of a Keras JSON file: its layers. What holds for parameters is in file.rules too.
  std::optional<Network> network;
  bool trained = true;  // else its weights are random numbers of the seed

  std::string title() const { return trained ? file.name : file.name + " (untrained)"; }  // for figures
};

// `model`: an .onnx file, a .json file as Keras writes it, a folder with a model.onnx (what `train` leaves), or a name
// of Architectures(); a name is never a path: write ./lenet for that. Throws Error when it is none of them, with the
// nearest names, and what reading it throws.
OpenedModel OpenModel(const std::string& model, const OpenModelOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_MODEL_H_
