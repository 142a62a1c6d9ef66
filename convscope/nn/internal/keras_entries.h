// The entries of Keras' model JSON, of Keras 2 and 3: a layer with its arguments, and the calls that connect layers.
#ifndef CONVSCOPE_NN_INTERNAL_KERAS_ENTRIES_H_
#define CONVSCOPE_NN_INTERNAL_KERAS_ENTRIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/nn/config.h"

namespace convscope::internal {

// Each throws Error, without a place, for what the entry is not.
[[noreturn]] void FailEntry(std::string rule, const Config& received);
const Config& MemberOf(const Config& config, std::string_view key);
const std::string& TextOf(const Config& config);
const Config::List& ListOf(const Config& config);

struct LayerEntry {
  std::string class_name, name;
  const Config* config;  // its arguments
  const Config* whole;   // with its connections

  std::string Place() const;  // "layer conv (Conv2D)"
};
LayerEntry ReadLayerEntry(const Config& whole);

// Runs `read`; an error in it names the layer.
template <typename Read>
auto InLayer(const LayerEntry& entry, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw error.At(entry.Place());
  }
}

// Output `output` of call `call` of a layer.
struct LayerOutput {
  std::string layer;
  int64_t call = 0, output = 0;
};

// What a layer is called on: a tensor, or, as operations are, a number or another plain value.
struct CallArgument {
  std::optional<LayerOutput> tensor = {};
  Config value = {};
};
struct LayerCallEntry {
  std::vector<CallArgument> arguments;
  std::vector<std::pair<std::string, CallArgument>> keywords;
};

// "inbound_nodes": the calls of a layer.
std::vector<LayerCallEntry> ReadCalls(const Config& nodes);
// "input_layers", "output_layers": one reference, or a list of them.
std::vector<LayerOutput> ReadReferences(const Config& config);

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_KERAS_ENTRIES_H_
