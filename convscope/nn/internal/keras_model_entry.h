// A model of Keras' JSON as its layers, made, and the tensors that each call of them reads: a network is made of it, or
// a part of the one that it is in.
#ifndef CONVSCOPE_NN_INTERNAL_KERAS_MODEL_ENTRY_H_
#define CONVSCOPE_NN_INTERNAL_KERAS_MODEL_ENTRY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/nn/internal/config_values.h"
#include "convscope/nn/internal/keras_entries.h"
#include "convscope/nn/layer.h"
#include "convscope/nn/network_config.h"

namespace convscope::internal {

struct ModelEntry {
  struct Part {
    LayerEntry entry;
    LayerPtr layer = {};                               // none: the input is handed on
    std::unique_ptr<ModelEntry> model = {};            // in place of a layer
    std::vector<std::vector<LayerOutput>> calls = {};  // what each reads
    // The number that the file calls the first of them by: of a model, its own making may be number 0.
    int64_t first_call = 0;
  };
  bool chain = false;  // one part after the other
  std::vector<Part> parts;
  std::vector<LayerOutput> inputs, outputs;
  const Config* sample = nullptr;  // of a chain: the shape of its input, the batch included
};

// "Sequential", "Functional", "Model".
bool IsModelClass(std::string_view class_name);

// What a config says of the input that it is of, the batch included; null where it says nothing.
const Config* InputShapeOf(const Config& config);

// `config` outlives the entry. What is read as another thing is told in `reading`, and what Keras counts layers by.
// Throws Error naming the layer, its class and the argument.
ModelEntry ReadModelEntry(const std::string& class_name, const Config& config, KerasVersion version,
                          NetworkReading& reading);

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_KERAS_MODEL_ENTRY_H_
