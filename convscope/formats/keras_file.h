// Keras' own files: .keras (a zip archive of config.json and model.weights.h5, Keras 3), .h5 (the whole model, of Keras
// 2 and 3, or weights of Keras 2) and .weights.h5 (weights, Keras 3), through libhdf5. Read: Sequential and functional
// models of the layers that exist here, and of such models as layers, of Keras 2 and 3. Written: .keras and
// .weights.h5, for Keras 3.
//
// Not here: layers that wrap others (TimeDistributed), what a training left (its optimizer), and code: a Lambda layer
// is refused like every class that is not here.
#ifndef CONVSCOPE_FORMATS_KERAS_FILE_H_
#define CONVSCOPE_FORMATS_KERAS_FILE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "convscope/formats/stored_tensor.h"
#include "convscope/nn/network.h"
#include "convscope/nn/network_config.h"

namespace convscope {

// Whether a file of this name is one: .keras, .h5, .hdf5.
bool IsKerasFile(const std::filesystem::path& path);

// What convscope tells in a .keras file of its own.
struct KerasFileNote {
  bool told = false;             // what is done to pictures; else it is not known
  bool scaling_assumed = false;  // as in ModelFile
  bool untrained = false;        // the weights are random numbers
};

// The network with its weights; `note`, where it is asked for, is what the file tells besides, and `reading` as of
// NetworkFromConfig. Throws Error naming
// `path` when it cannot be read, is damaged, is none of these files, holds weights alone, or a layer or an argument
// that is not here, named with the layer.
Network ReadKerasFile(const std::filesystem::path& path, KerasFileNote* note = nullptr,
                      NetworkReading* reading = nullptr);

// Its weights alone, in the file's order, as "conv1/kernel", or, of Keras 3, which numbers them, "conv1/0"; of a model
// in the model "backbone/conv1/kernel".
std::vector<StoredTensor> ReadKerasWeights(const std::filesystem::path& path);

// Writes the network with its weights as a .keras file, or its weights alone as a .weights.h5 file that a model of the
// same layers loads (load_weights), whole or not at all. Layers are those of KerasJson, so are the errors. A .keras
// file also holds convscope.json, which Keras reads past: what is done to pictures, the classes' names, and what `note`
// says of both and of the weights.
void WriteKerasFile(const Network& network, const std::filesystem::path& path, const KerasFileNote& note = {});
void WriteKerasWeights(const Network& network, const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_KERAS_FILE_H_
