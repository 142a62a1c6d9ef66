// Layers while somebody writes them: what each makes of its input, or which of them is wrong; and the layers of a
// built-in network, to begin with.
#ifndef CONVSCOPE_TASKS_CHECK_LAYERS_H_
#define CONVSCOPE_TASKS_CHECK_LAYERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/nn/network.h"
#include "convscope/nn/summary.h"

namespace convscope {

// A chain of layers for pictures. `layers`: JSON, a list of {"class_name": "Conv2D", "config": {"filters": 8}} with
// Keras' arguments; what is left out has its default.
struct LayerList {
  std::string layers;
  Shape picture;        // (H, W, C)
  int64_t classes = 0;  // scores that it must end in; 0: any
};

struct CheckedLayer {
  std::string name, class_name;
  Shape output;            // of one picture, with the batch of 1
  int64_t parameters = 0;  // numbers
};

struct LayerCheck {
  std::vector<CheckedLayer> layers;  // from the first up to the mistake
  int64_t parameters = 0;
  int64_t activation_bytes = 0;  // of all that is computed of one picture
  std::optional<ErrorParts> wrong;
  size_t wrong_layer = 0;  // its place in the list
};

// Throws Error for what is no list of at most 200 layers.
LayerCheck CheckLayers(const LayerList& list);

// The same of a built-in network, made for these pictures and classes; a mistake is of its first layer.
LayerCheck CheckArchitecture(const std::string& name, const Shape& picture, int64_t classes);

// Of memory that a training takes, about: parameters, gradients and what an optimizer keeps of them; and of each
// picture of a batch all that is computed, and its gradients.
int64_t TrainingBytes(const LayerCheck& check, int64_t batch_size);

// The file of Keras' JSON that OpenModel takes for them.
std::string KerasModelText(const LayerList& list, const std::string& name);

// A chain as LayerList::layers, each layer with the arguments alone that are not their defaults; empty for a network
// that is no chain.
std::string LayersText(const Network& network);

// {"layers": [{"name", "class", "output", "parameters"}], "parameters", "activation_bytes"}, and where there is a
// mistake "wrong": {"layer" (its place in the list), "where", "rule", "received", "fix"}.
std::string LayerCheckJson(const LayerCheck& check);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_CHECK_LAYERS_H_
