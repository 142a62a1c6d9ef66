// The network that a user means: the name of a built-in architecture, or a file of layers. Models with weights are
// open_model.h's business.
#ifndef CONVSCOPE_TASKS_OPEN_NETWORK_H_
#define CONVSCOPE_TASKS_OPEN_NETWORK_H_

#include <string>

#include "convscope/nn/architectures.h"
#include "convscope/nn/network.h"

namespace convscope {

// A built-in architecture where there is one of this name, made with `options`; else the file: Keras' model JSON, to
// which the options do not apply. Weights are not set. Throws Error, for a text that is neither with the nearest names.
Network OpenNetwork(const std::string& model, const ArchitectureOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_NETWORK_H_
