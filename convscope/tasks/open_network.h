// What MODEL means on a command line: the name of a built-in architecture, or a file.
#ifndef CONVSCOPE_TASKS_OPEN_NETWORK_H_
#define CONVSCOPE_TASKS_OPEN_NETWORK_H_

#include <string>

#include "convscope/nn/network.h"

namespace convscope {

// A built-in architecture where there is one of this name, else the file: Keras' model JSON. Weights are not set.
// Throws Error, for a text that is neither with the nearest names.
Network OpenNetwork(const std::string& model);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_NETWORK_H_
