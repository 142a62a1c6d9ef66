#include "convscope/formats/keras_file.h"

#include <map>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/archive.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/network_note.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/weight_match.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using internal::Hdf5Reader;

constexpr int64_t kMostWeightBytes = int64_t{1} << 33;

bool IsArchive(const std::filesystem::path& path) {
  return LowerCaseEnding(path) == ".keras";
}

struct ArchiveParts {
  std::string config, weights;      // of the files in it
  std::optional<std::string> note;  // where convscope wrote it
};

ArchiveParts ReadArchive(const std::filesystem::path& path) {
  std::optional<std::string> config, weights, note;
  ArchiveReader archive(path);
  while (archive.Next()) {
    if (archive.name() == "config.json" && !config) config = archive.Read(kMaxKerasJsonBytes);
    if (archive.name() == "model.weights.h5" && !weights) weights = archive.Read(kMostWeightBytes);
    if (archive.name() == internal::kNetworkNoteFile && !note) note = archive.Read(kMaxKerasJsonBytes);
  }
  if (!config || !weights) {
    throw Error({.where = path.string(),
                 .rule = "a .keras file holds config.json and model.weights.h5",
                 .received = config ? "no model.weights.h5" : "no config.json"});
  }
  return {*std::move(config), *std::move(weights), std::move(note)};
}

// What Keras 3 calls the group of each layer where it does not write down its name: its class, counted.
std::map<std::string, std::string> LayersOfGroups(const Network& network) {
  std::map<std::string, std::string> layers;
  std::map<std::string, int> count;
  for (const NetworkLayer& layer : network.layers()) {
    const std::string base = SnakeCase(layer.layer->class_name());
    const int number = count[base]++;
    layers[number == 0 ? base : Concat(base, "_", number)] = layer.name;
  }
  return layers;
}

// Keras 3: layers/conv2d_1/vars/0, the layer's name an attribute of "vars" (of older files, the group is called as its
// class).
std::vector<StoredTensor> NumberedWeights(const Hdf5Reader& file, const std::string& root, const Network* network) {
  std::map<std::string, std::string> names;
  if (network != nullptr) names = LayersOfGroups(*network);
  std::vector<StoredTensor> weights;
  for (const std::string& group : file.Members(root)) {
    const std::string vars = Concat(root, "/", group, "/vars");
    if (!file.HasGroup(vars)) continue;
    std::string layer = names.contains(group) ? names[group] : group;
    if (const auto written = file.Text(vars, "name")) layer = *written;
    for (const std::string& number : file.Members(vars)) {
      weights.push_back({Concat(layer, "/", number), Share(file.Array(Concat(vars, "/", number)))});
    }
  }
  return weights;
}

// A list of texts that is split where it is longer than an attribute may be: layer_names0, layer_names1, ...
std::optional<std::vector<std::string>> LongTexts(const Hdf5Reader& file, const std::string& object,
                                                  const std::string& attribute) {
  if (auto texts = file.Texts(object, attribute)) return texts;
  std::optional<std::vector<std::string>> all;
  for (int part = 0;; ++part) {
    const auto texts = file.Texts(object, Concat(attribute, part));
    if (!texts) return all;
    if (!all) all.emplace();
    all->insert(all->end(), texts->begin(), texts->end());
  }
}

// Keras 2, and the .h5 files of Keras 3: the layers' names, and of each the names of its weights.
std::vector<StoredTensor> NamedWeights(const Hdf5Reader& file, const std::string& root) {
  std::vector<StoredTensor> weights;
  const auto layers = LongTexts(file, root, "layer_names");
  for (const std::string& layer : layers.value()) {
    const std::string group = root.empty() ? layer : Concat(root, "/", layer);
    const auto names = LongTexts(file, group, "weight_names");
    if (!names) continue;
    for (const std::string& name : *names) {
      const size_t slash = name.rfind('/');
      std::string leaf = slash == std::string::npos ? name : name.substr(slash + 1);
      if (leaf.ends_with(":0")) leaf.resize(leaf.size() - 2);
      weights.push_back({Concat(layer, "/", leaf), Share(file.Array(Concat(group, "/", name)))});
    }
  }
  return weights;
}

std::vector<StoredTensor> WeightsIn(const Hdf5Reader& file, const Network* network) {
  for (const char* const root : {"model_weights", ""}) {
    if (file.HasGroup(root) && LongTexts(file, root, "layer_names")) return NamedWeights(file, root);
  }
  // Keras 2.12 to 2.15 wrote .keras files whose layers lie there.
  for (const char* const root : {"layers", "_layer_checkpoint_dependencies"}) {
    if (file.HasGroup(root)) return NumberedWeights(file, root, network);
  }
  throw Error({.where = file.where(),
               .rule = "Keras' weights are in groups: model_weights, or layers",
               .received = "an HDF5 file with neither"});
}

// The text of model_config, told of which Keras it is, as .json files of Keras 2 and .keras files say themselves.
std::string ConfigOf(const Hdf5Reader& file) {
  const auto config = file.Text("", "model_config");
  if (!config) {
    throw Error({.where = file.where(),
                 .rule = "a model has layers",
                 .received = "a file of weights alone",
                 .fix = "name the network that they are of: resnet18 --weights " + file.where()});
  }
  const auto version = file.Text("", "keras_version");
  const size_t brace = config->find('{');
  if (!version || brace == std::string::npos || version->find_first_not_of("0123456789.") != std::string::npos) {
    return *config;
  }
  return Concat("{\"keras_version\": \"", *version, "\", ", config->substr(brace + 1));
}

void SetAll(Network& network, const std::vector<StoredTensor>& stored, const std::string& where) {
  MatchedWeights matched = MatchWeights(network.graph(), stored);
  // A Normalization that was told its mean has it in its arguments, which are what it starts from here.
  std::erase_if(matched.report.missing, [&](const std::string& parameter) {
    const NetworkLayer& layer = network.layer(network.parameters().find(parameter)->second.layer);
    if (layer.layer->class_name() != "Normalization") return false;
    const NetworkParameter& settings = network.parameters().find(parameter)->second;
    matched.weights[parameter] = Share(InitialValues(settings.initializer, settings.keras_shape, 0, parameter));
    return true;
  });
  ExpectAllMatched(matched.report, where);
  network.SetWeights(matched.weights);
}

}  // namespace

bool IsKerasFile(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  return ending == ".keras" || ending == ".h5" || ending == ".hdf5";
}

Network ReadKerasFile(const std::filesystem::path& path, KerasFileNote* note) {
  const std::string where = path.string();
  if (IsArchive(path)) {
    ArchiveParts parts = ReadArchive(path);
    Network network = ParseKerasJson(parts.config, where + ", config.json");
    const Hdf5Reader file(std::move(parts.weights), where + ", model.weights.h5");
    SetAll(network, WeightsIn(file, &network), where);
    if (parts.note) {
      const KerasFileNote told =
          internal::ApplyNetworkNote(*parts.note, where + ", " + internal::kNetworkNoteFile, network);
      if (note != nullptr) *note = told;
    }
    return network;
  }
  const Hdf5Reader file(path);
  Network network = ParseKerasJson(ConfigOf(file), where);
  SetAll(network, WeightsIn(file, &network), where);
  return network;
}

std::vector<StoredTensor> ReadKerasWeights(const std::filesystem::path& path) {
  if (IsArchive(path)) {
    ArchiveParts parts = ReadArchive(path);
    const Network network = ParseKerasJson(parts.config, path.string() + ", config.json");
    return WeightsIn(Hdf5Reader(std::move(parts.weights), path.string() + ", model.weights.h5"), &network);
  }
  return WeightsIn(Hdf5Reader(path), nullptr);
}

}  // namespace convscope
