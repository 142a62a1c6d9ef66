// A model as a file holds it: the model, and what one has to know to use it. Nothing here is computed with; who feeds
// the model applies the preprocessing, who shows its results takes the names, who trains it on keeps its rules.
#ifndef CONVSCOPE_FORMATS_MODEL_FILE_H_
#define CONVSCOPE_FORMATS_MODEL_FILE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "convscope/graph/model.h"
#include "convscope/graph/preprocessing.h"
#include "convscope/train/training_graph.h"

namespace convscope {

// One case that the model was once run on, by the names of its inputs and outputs, in the graph's axes.
struct ModelExample {
  NamedTensors inputs, outputs;
};

struct ModelFile {
  Model model;
  std::string name;                            // of the network: "fashion-cnn"
  std::string source;                          // where it came from: "trained on fashion-mnist, 5 epochs, seed 1"
  std::vector<std::string> class_names;        // of the last axis of the output; may be empty
  std::optional<Preprocessing> preprocessing;  // of 8-bit pictures; none: not known
  // That nobody told the divisor, mean and deviation among it: they were assumed, and may be told.
  bool scaling_assumed = false;
  std::vector<std::string> outputs;          // computed tensors; empty: those that no node reads
  std::map<std::string, std::string> notes;  // anything else, by name
  TrainingRules rules = {};                  // what is trainable, regularizers, constraints; empty: none are known
  // Tensors whose axes stand in another order than in the file that they came from: axis i here is axis axes[i] there.
  std::map<std::string, std::vector<int64_t>, std::less<>> axes = {};
  std::vector<std::string> assumed = {};  // what the file leaves open and the reader chose, a line each
  std::vector<std::string> missing = {};  // nodes that could not be taken over, and why, a line each
  std::vector<std::string> lost = {};     // outputs of the file that depend on those, and so are not in the model
  std::string preprocessing_source = {};  // who tells it, where the model itself does not: "config.json"
  // What nodes of the file compute from constants and shapes alone, with the axes of the file: known when it was read,
  // and so no tensors of the graph. Without nodes that only hold a constant.
  NamedTensors constants = {};
  // Axes of inputs, as the file that they came from numbers them, whose lengths that file leaves open.
  std::map<std::string, std::vector<int64_t>> open_axes = {};
  std::set<std::string> widened = {};        // types of the file whose numbers are float32 here: "float16"
  std::optional<ModelExample> example = {};  // to check with that the model still computes the same
};

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_MODEL_FILE_H_
