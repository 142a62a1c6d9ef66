// WriteKerasFile and WriteKerasWeights: Keras 3.
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/keras_layer_order.h"
#include "convscope/formats/internal/network_note.h"
#include "convscope/formats/internal/zip_writer.h"
#include "convscope/formats/keras_file.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/weight_match.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/normalization_layers.h"

namespace convscope {
namespace {

// The network as Keras will have it: its layers under Keras' names, among them those that Keras needs besides (a
// ZeroPadding2D before a convolution), with the same weights.
Network AsKeras(const Network& network, const std::string& json) {
  Network keras = ParseKerasJson(json, "network " + network.name());
  std::vector<StoredTensor> weights;
  for (const auto& [name, tensor] : network.weights()) weights.push_back({name, tensor});
  const MatchedWeights matched = MatchWeights(keras.graph(), weights);
  ExpectAllMatched(matched.report, "network " + network.name());
  keras.SetWeights(matched.weights);
  return keras;
}

SharedTensor InKerasShape(const Network& keras, const std::string& parameter) {
  const SharedTensor& tensor = keras.weights().find(parameter)->second;
  const Shape& shape = keras.parameters().find(parameter)->second.keras_shape;
  return shape == tensor->shape() ? tensor : Share(tensor->Clone().Reshaped(shape));
}

// layers/CLASS_N/vars/I, N counting the layers of a class in Keras' order.
std::string WeightBytes(const Network& keras) {
  internal::Hdf5Writer file;
  std::map<std::string, int> count;
  file.Group("layers");
  for (const size_t place : internal::KerasLayerOrder(keras)) {
    const NetworkLayer& layer = keras.layers()[place];
    const std::string base = SnakeCase(layer.layer->class_name());
    const int number = count[base]++;
    const std::string group = number == 0 ? Concat("layers/", base) : Concat("layers/", base, "_", number);
    file.Group(group + "/vars");
    file.Text(group + "/vars", "name", layer.name);
    if (IsToldNormalization(*layer.layer)) continue;
    const auto array = [&](size_t i) { return Concat(group, "/vars/", i); };
    for (size_t i = 0; i < layer.parameters.size(); ++i) {
      file.Array(array(i), *InKerasShape(keras, layer.parameters[i]));
    }
    // How many samples a mean was measured on, which Keras has beside it, and which is not known here.
    if (layer.layer->class_name() == "Normalization") file.Array(array(2), Tensor::Zeros(Shape{}));
  }
  file.Group("vars");
  file.Text("vars", "name", keras.name());
  return file.Bytes();
}

}  // namespace

void WriteKerasFile(const Network& network, const std::filesystem::path& path, const KerasFileNote& note) {
  const std::string json = KerasJson(network);
  const std::string weights = WeightBytes(AsKeras(network, json));
  internal::WriteZip(path, [&](internal::ZipWriter& zip) {
    const auto add = [&](const char* name, std::string_view bytes) { zip.Add(name, std::span(&bytes, 1)); };
    add("metadata.json", "{\"keras_version\": \"3.0.0\", \"date_saved\": \"1980-01-01@00:00:00\"}");
    add("config.json", json);
    add("model.weights.h5", weights);
    add(internal::kNetworkNoteFile, internal::FormatNetworkNote(network, note));
  });
}

void WriteKerasWeights(const Network& network, const std::filesystem::path& path) {
  const std::string weights = WeightBytes(AsKeras(network, KerasJson(network)));
  const std::string_view pieces[] = {weights};
  WriteFileAtomically(path, pieces);
}

}  // namespace convscope
