// Networks as text: Keras' model JSON, of Keras 2 and 3 to be read, of Keras 3 to be written. It holds the layers,
// their arguments and how they are connected; no weights and no training.
#ifndef CONVSCOPE_FORMATS_KERAS_JSON_H_
#define CONVSCOPE_FORMATS_KERAS_JSON_H_

#include <string>
#include <string_view>

#include "convscope/nn/network.h"
#include "convscope/nn/network_config.h"

namespace convscope {

// The network that a text describes; its weights are not set. Throws Error naming `where`, and the line and column of
// text that is no JSON, or the layer, its class and the argument of what is no network that can be built here.
// `reading`: as of NetworkFromConfig.
Network ParseKerasJson(std::string_view text, const std::string& where, NetworkReading* reading = nullptr);

// The same of a file of at most kMaxKerasJsonBytes.
inline constexpr int64_t kMaxKerasJsonBytes = int64_t{1} << 26;
Network ReadKerasJson(const std::string& path, NetworkReading* reading = nullptr);

// Indented, ending in a line break. Throws Error naming the layer that Keras cannot say (NetworkToConfig).
std::string KerasJson(const Network& network);

// Written beside and renamed, so that no half of it is ever there.
void WriteKerasJson(const Network& network, const std::string& path);

// A value of it alone, in one line.
std::string ConfigJson(const Config& config);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_KERAS_JSON_H_
