// The network that a user means: the name of a built-in architecture, or a file of layers. Models with weights are
// open_model.h's business.
#ifndef CONVSCOPE_TASKS_OPEN_NETWORK_H_
#define CONVSCOPE_TASKS_OPEN_NETWORK_H_

#include <string>

#include "convscope/formats/keras_file.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/network.h"

namespace convscope {

// A built-in architecture where there is one of this name, made with `options`; else the file, to which the options do
// not apply: Keras' model JSON, or with its weights a .keras or .h5 file; what convscope tells in it goes into `note`,
// where one is asked for, and `reading` is as of NetworkFromConfig. Throws Error, for neither with nearest names.
Network OpenNetwork(const std::string& model, const ArchitectureOptions& options = {}, KerasFileNote* note = nullptr,
                    NetworkReading* reading = nullptr);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_NETWORK_H_
