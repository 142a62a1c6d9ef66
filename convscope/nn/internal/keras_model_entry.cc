#include "convscope/nn/internal/keras_model_entry.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/keras_operators.h"
#include "convscope/nn/internal/layer_table.h"
#include "convscope/nn/network_builder.h"

namespace convscope::internal {
namespace {

// What such a layer does, it does while a network learns; at other times it hands its input on.
constexpr std::string_view kOfTrainingAlone[] = {"ActivityRegularization",
                                                 "AlphaDropout",
                                                 "AugMix",
                                                 "CutMix",
                                                 "GaussianDropout",
                                                 "GaussianNoise",
                                                 "MixUp",
                                                 "RandAugment",
                                                 "RandomBrightness",
                                                 "RandomColorDegeneration",
                                                 "RandomColorJitter",
                                                 "RandomContrast",
                                                 "RandomElasticTransform",
                                                 "RandomErasing",
                                                 "RandomFlip",
                                                 "RandomGaussianBlur",
                                                 "RandomGrayscale",
                                                 "RandomHeight",
                                                 "RandomHue",
                                                 "RandomInvert",
                                                 "RandomPerspective",
                                                 "RandomPosterization",
                                                 "RandomRotation",
                                                 "RandomSaturation",
                                                 "RandomSharpness",
                                                 "RandomShear",
                                                 "RandomTranslation",
                                                 "RandomWidth",
                                                 "RandomZoom",
                                                 "SpatialDropout1D",
                                                 "SpatialDropout3D"};

// A dropout of whole samples among them, which EfficientNet has: there is none here for a training to use.
bool IsOfTrainingAlone(const LayerEntry& entry) {
  const Config* const noise = entry.config->Find("noise_shape");
  if (entry.class_name == "Dropout" && noise != nullptr && !noise->IsNull()) return true;
  return std::find(std::begin(kOfTrainingAlone), std::end(kOfTrainingAlone), entry.class_name) !=
         std::end(kOfTrainingAlone);
}

class Reader {
 public:
  Reader(KerasVersion version, NetworkReading& reading) : version_(version), reading_(reading) {}

  ModelEntry Read(const std::string& class_name, const Config& config) {
    ModelEntry model = ReadModel(class_name, config, "", "");
    Tell("left out, since they do something only while a network learns: ", left_out_);
    Tell("these types are float32 here: ", other_types_);
    return model;
  }

 private:
  // `place` and `counted` stand before the names of the layers and of what Keras counts them by.
  ModelEntry ReadModel(const std::string& class_name, const Config& config, const std::string& place,
                       const std::string& counted) {
    if (class_name == "Sequential") return ReadChain(config, place, counted);
    ModelEntry model;
    std::set<std::string> names;
    std::map<std::string, int> count;
    for (const Config& whole : ListOf(MemberOf(config, "layers"))) {
      ModelEntry::Part part{.entry = ReadLayerEntry(whole)};
      InLayer(part.entry, [&] {
        if (part.entry.name.empty()) FailEntry("a layer of a functional model has a name", whole);
        if (!names.insert(part.entry.name).second) FailEntry("each layer has a name of its own", part.entry.name);
        ReadPart(part, place, counted, count);
      });
      model.parts.push_back(std::move(part));
    }
    model.inputs = ReadReferences(MemberOf(config, "input_layers"));
    model.outputs = ReadReferences(MemberOf(config, "output_layers"));
    const std::map<std::string, int64_t> first_calls = FirstCalls(model);
    for (ModelEntry::Part& part : model.parts) {
      const auto found = first_calls.find(part.entry.name);
      if (part.model != nullptr && found != first_calls.end()) part.first_call = found->second;
    }
    return model;
  }

  ModelEntry ReadChain(const Config& config, const std::string& place, const std::string& counted) {
    ModelEntry model{.chain = true, .parts = {}, .inputs = {{.layer = ""}}, .outputs = {{.layer = ""}}};
    std::map<std::string, int> count;
    // The first files of Keras 2 have the list of layers itself.
    for (const Config& whole : ListOf(config.AsList() != nullptr ? config : MemberOf(config, "layers"))) {
      ModelEntry::Part part{.entry = ReadLayerEntry(whole)};
      InLayer(part.entry, [&] {
        if (model.parts.empty() && model.sample == nullptr) model.sample = InputShapeOf(*part.entry.config);
        // Keras 3 may say it of the first layer alone.
        const Config* build = whole.Find("build_config");
        if (model.parts.empty() && model.sample == nullptr && build != nullptr)
          model.sample = build->Find("input_shape");
        ReadPart(part, place, counted, count);
      });
      if (part.entry.class_name == "InputLayer") continue;
      part.calls = {{model.outputs[0]}};
      if (part.entry.name.empty()) part.entry.name = Concat(model.parts.size());
      model.outputs[0].layer = part.entry.name;
      model.parts.push_back(std::move(part));
    }
    const Config* built = config.Find("build_input_shape");
    if (model.sample == nullptr && built != nullptr && !built->IsNull()) model.sample = built;
    return model;
  }

  void ReadPart(ModelEntry::Part& part, const std::string& place, const std::string& counted,
                std::map<std::string, int>& count) {
    const LayerEntry& entry = part.entry;
    if (entry.config->AsObject() == nullptr && !IsModelClass(entry.class_name)) {
      FailEntry("the config of a layer is an object", *entry.config);
    }
    const std::string base = SnakeCase(entry.class_name);
    const int number = count[base]++;
    const std::string group = Concat(counted, base, number == 0 ? "" : Concat("_", number));
    const std::string name = entry.name.empty() ? "" : place + entry.name;
    if (!name.empty()) reading_.counted_names[group] = name;
    const Config* const nodes = entry.whole->Find("inbound_nodes");
    std::vector<LayerCallEntry> calls;
    if (nodes != nullptr) calls = ReadCalls(*nodes);
    if (IsOperator(entry)) {
      if (calls.size() != 1) FailEntry("an operation among layers is called once", Config(std::ssize(calls)));
      OperatorLayer read = ReadOperator(entry, name, calls[0]);
      part.layer = std::move(read.layer);
      part.calls.push_back(std::move(read.inputs));
      return;
    }
    for (const LayerCallEntry& call : calls) part.calls.push_back(TensorsOf(call));
    if (IsModelClass(entry.class_name)) {
      part.model = std::make_unique<ModelEntry>(
          ReadModel(entry.class_name, *entry.config, Concat(name, "/"), Concat(group, "/")));
      return;
    }
    CheckType(*entry.config);
    if (entry.class_name == "InputLayer" || entry.class_name == "Identity") return;
    if (IsOfTrainingAlone(entry)) {
      left_out_.insert(Concat(name, " (", entry.class_name, ")"));
      return;
    }
    part.layer = MakeLayer(entry, name);
  }

  // Everything here computes in float32, where Keras may compute in halves of it, too.
  void CheckType(const Config& config) {
    const Config* dtype = config.Find("dtype");
    if (dtype == nullptr || dtype->IsNull()) return;
    const Config* name = dtype;
    if (dtype->AsObject() != nullptr) {
      const Config* inner = dtype->Find("config");
      name = inner == nullptr ? dtype : inner->Find("name");
    }
    if (name != nullptr && name->AsString() != nullptr) {
      const std::string& type = *name->AsString();
      if (type == "float32") return;
      if (type == "mixed_float16" || type == "mixed_bfloat16" || type == "float16" || type == "bfloat16") {
        other_types_.insert(type);
        return;
      }
    }
    throw Error({.where = "dtype", .rule = "layers compute in float32", .received = dtype->ToText()});
  }

  LayerPtr MakeLayer(const LayerEntry& entry, const std::string& name) const {
    // What is said of the input, or by default of every convolution, is no argument of the layer.
    Config::Object arguments;
    for (const auto& [key, value] : *entry.config->AsObject()) {
      const bool one_group = key == "groups" && value == Config(1);
      // Of a batch renormalization, which `renorm` would ask for, and is refused then.
      const bool unused = key == "renorm_momentum" && entry.config->Find("renorm") != nullptr;
      // Random numbers are those of the training here.
      const bool seed = key == "seed" && entry.class_name.find("Dropout") != std::string::npos;
      if (unused || seed || key == "dtype" || key == "batch_input_shape" || key == "batch_shape" ||
          key == "input_dtype" || one_group) {
        continue;
      }
      arguments.emplace_back(key, value);
    }
    Config config(std::move(arguments));
    const auto has_list = [&](const char* key) { return config.Find(key) != nullptr && config.Find(key)->AsList(); };
    if (entry.class_name == "Rescaling" && (has_list("scale") || has_list("offset"))) {
      return ReadRescalingOfChannels(config, name);
    }
    if (!name.empty()) config.Set("name", name);
    return LayerFromConfig(entry.class_name, config, version_);
  }

  // Layers take tensors alone; that a call is not one of training is so here at all other times.
  static std::vector<LayerOutput> TensorsOf(const LayerCallEntry& call) {
    std::vector<LayerOutput> tensors;
    for (const CallArgument& argument : call.arguments) {
      if (!argument.tensor) FailEntry("a layer is called on tensors alone", argument.value);
      tensors.push_back(*argument.tensor);
    }
    for (const auto& [key, argument] : call.keywords) {
      if (!argument.tensor && (argument.value.IsNull() || (key == "training" && argument.value == Config(false)))) {
        continue;
      }
      throw Error({.where = key,
                   .rule = "a layer is called on tensors alone",
                   .received = argument.tensor ? argument.tensor->layer : argument.value.ToText()});
    }
    return tensors;
  }

  // Of each layer that a call or an output names, the least of the numbers that its calls have there.
  static std::map<std::string, int64_t> FirstCalls(const ModelEntry& model) {
    std::map<std::string, int64_t> least;
    const auto look = [&](const LayerOutput& output) {
      const auto found = least.emplace(output.layer, output.call).first;
      found->second = std::min(found->second, output.call);
    };
    for (const ModelEntry::Part& part : model.parts) {
      for (const auto& call : part.calls) std::for_each(call.begin(), call.end(), look);
    }
    std::for_each(model.outputs.begin(), model.outputs.end(), look);
    return least;
  }

  // The first few; how many there are tells the rest.
  void Tell(const std::string& what, const std::set<std::string>& of) {
    if (of.empty()) return;
    constexpr size_t kMost = 4;
    std::string line = what;
    size_t told = 0;
    for (auto one = of.begin(); one != of.end() && told < kMost; ++one, ++told) {
      line += Concat(told == 0 ? "" : ", ", *one);
    }
    if (told < of.size()) line += Concat(" and ", of.size() - told, " more");
    reading_.assumed.push_back(std::move(line));
  }

  KerasVersion version_;
  NetworkReading& reading_;
  std::set<std::string> left_out_, other_types_;
};

}  // namespace

bool IsModelClass(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

const Config* InputShapeOf(const Config& config) {
  const Config* shape = config.Find("batch_shape");
  if (shape == nullptr) shape = config.Find("batch_input_shape");
  return shape == nullptr || shape->IsNull() ? nullptr : shape;
}

ModelEntry ReadModelEntry(const std::string& class_name, const Config& config, KerasVersion version,
                          NetworkReading& reading) {
  return Reader(version, reading).Read(class_name, config);
}

}  // namespace convscope::internal
