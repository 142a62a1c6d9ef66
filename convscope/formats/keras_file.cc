#include "convscope/formats/keras_file.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/archive.h"
#include "convscope/formats/internal/hdf5_file.h"
#include "convscope/formats/internal/network_note.h"
#include "convscope/formats/keras_json.h"
#include "convscope/formats/weight_match.h"

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

using CountedNames = std::map<std::string, std::string>;  // of NetworkReading

// Keras 3: layers/conv2d_1/vars/0, the layer's name an attribute of "vars" (of older files, the group is called as its
// class). `prefix` and `counted` stand before the names of a model's layers, and before what Keras counts them by;
// `depth`: how many models `root` is in. A link may name a group that it is in, so groups can go on without end.
void AddNumberedWeights(const Hdf5Reader& file, const std::string& root, const CountedNames& names,
                        const std::string& prefix, const std::string& counted, int depth,
                        std::vector<StoredTensor>& weights) {
  constexpr int kDeepest = 32;
  if (depth >= kDeepest) {
    throw Error({.where = file.where(),
                 .rule = Concat("models lie at most ", kDeepest, " deep in each other"),
                 .received = "more",
                 .fix = "the file may be damaged: get it again"});
  }
  for (const std::string& group : file.Members(root)) {
    const std::string vars = Concat(root, "/", group, "/vars");
    if (!file.HasGroup(vars)) continue;
    const auto found = names.find(counted + group);
    std::string layer = found != names.end() ? found->second : prefix + group;
    if (const auto written = file.Text(vars, "name")) layer = prefix + *written;
    for (const std::string& number : file.Members(vars)) {
      weights.push_back({Concat(layer, "/", number), Share(file.Array(Concat(vars, "/", number)))});
    }
    for (const char* const inner : {"/layers", "/_layer_checkpoint_dependencies"}) {
      const std::string of_model = Concat(root, "/", group, inner);
      if (!file.HasGroup(of_model)) continue;
      AddNumberedWeights(file, of_model, names, Concat(layer, "/"), Concat(counted, group, "/"), depth + 1, weights);
    }
  }
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

// "conv/kernel" of "block/conv/kernel:0".
std::pair<std::string, std::string> ModuleAndLeaf(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  const size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::pair(std::string(), name)
                                    : std::pair(name.substr(0, slash), name.substr(slash + 1));
}

// Keras 2, and the .h5 files of Keras 3: the layers' names, and of each the names of its weights. Those of a layer
// share what is before their last part, which may be anything; those of a model have there the layers inside.
std::vector<StoredTensor> NamedWeights(const Hdf5Reader& file, const std::string& root) {
  std::vector<StoredTensor> weights;
  const auto layers = LongTexts(file, root, "layer_names");
  for (const std::string& layer : layers.value()) {
    const std::string group = root.empty() ? layer : Concat(root, "/", layer);
    const auto names = LongTexts(file, group, "weight_names");
    if (!names) continue;
    std::set<std::string> modules;
    for (const std::string& name : *names) modules.insert(ModuleAndLeaf(name).first);
    for (const std::string& name : *names) {
      auto [module, leaf] = ModuleAndLeaf(name);
      if (module.starts_with(layer + "/")) module.erase(0, layer.size() + 1);
      const std::string place = modules.size() > 1 ? Concat(layer, "/", module) : layer;
      weights.push_back({Concat(place, "/", leaf), Share(file.Array(Concat(group, "/", name)))});
    }
  }
  return weights;
}

std::vector<StoredTensor> WeightsIn(const Hdf5Reader& file, const CountedNames& names) {
  for (const char* const root : {"model_weights", ""}) {
    if (file.HasGroup(root) && LongTexts(file, root, "layer_names")) return NamedWeights(file, root);
  }
  // Keras 2.12 to 2.15 wrote .keras files whose layers lie there.
  for (const char* const root : {"layers", "_layer_checkpoint_dependencies"}) {
    if (!file.HasGroup(root)) continue;
    std::vector<StoredTensor> weights;
    AddNumberedWeights(file, root, names, "", "", 0, weights);
    return weights;
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
  TakeArguments(network, matched);
  ExpectAllMatched(matched.report, where);
  network.SetWeights(matched.weights);
}

}  // namespace

bool IsKerasFile(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  return ending == ".keras" || ending == ".h5" || ending == ".hdf5";
}

Network ReadKerasFile(const std::filesystem::path& path, KerasFileNote* note, NetworkReading* reading) {
  const std::string where = path.string();
  NetworkReading own;
  if (reading == nullptr) reading = &own;
  if (IsArchive(path)) {
    ArchiveParts parts = ReadArchive(path);
    Network network = ParseKerasJson(parts.config, where + ", config.json", reading);
    const Hdf5Reader file(std::move(parts.weights), where + ", model.weights.h5");
    SetAll(network, WeightsIn(file, reading->counted_names), where);
    if (parts.note) {
      const KerasFileNote told =
          internal::ApplyNetworkNote(*parts.note, where + ", " + internal::kNetworkNoteFile, network);
      if (note != nullptr) *note = told;
    }
    return network;
  }
  const Hdf5Reader file(path);
  Network network = ParseKerasJson(ConfigOf(file), where, reading);
  SetAll(network, WeightsIn(file, reading->counted_names), where);
  return network;
}

std::vector<StoredTensor> ReadKerasWeights(const std::filesystem::path& path) {
  if (IsArchive(path)) {
    ArchiveParts parts = ReadArchive(path);
    NetworkReading reading;
    ParseKerasJson(parts.config, path.string() + ", config.json", &reading);
    return WeightsIn(Hdf5Reader(std::move(parts.weights), path.string() + ", model.weights.h5"), reading.counted_names);
  }
  return WeightsIn(Hdf5Reader(path), {});
}

}  // namespace convscope
