// NetworkFromConfig: Keras 2 and 3.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/keras_entries.h"
#include "convscope/nn/internal/keras_operators.h"
#include "convscope/nn/internal/layer_table.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/network_config.h"

namespace convscope {
namespace {

using internal::FailEntry;
using internal::InLayer;
using internal::KerasVersion;
using internal::LayerCallEntry;
using internal::LayerEntry;
using internal::LayerOutput;
using internal::ListOf;
using internal::MemberOf;
using internal::TextOf;

// What such a layer does, it does while a network learns; at other times it hands its input on.
constexpr auto kOfTrainingAlone = std::to_array<std::string_view>({"ActivityRegularization",
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
                                                                   "SpatialDropout3D"});

bool IsModel(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

const Config* InputShapeOf(const Config& config) {
  const Config* shape = config.Find("batch_shape");
  if (shape == nullptr) shape = config.Find("batch_input_shape");
  return shape == nullptr || shape->IsNull() ? nullptr : shape;
}

// What the file says of its layers; the network is made of it, or a part of the one that it is in.
struct ModelEntry {
  struct Part {
    LayerEntry entry;
    LayerPtr layer = {};                               // none: the input is handed on
    std::unique_ptr<ModelEntry> model = {};            // in place of a layer
    std::vector<std::vector<LayerOutput>> calls = {};  // what each reads
    // The number that the file calls the first of them by: of a model, its own making may be number 0.
    int64_t first_call = 0;
  };
  bool chain = false;  // one part after the other
  std::vector<Part> parts;
  std::vector<LayerOutput> inputs, outputs;
  const Config* sample = nullptr;  // of a chain: the shape of its input, the batch included
};

class Reader {
 public:
  Reader(KerasVersion version, NetworkReading& reading) : version_(version), reading_(reading) {}

  Network Read(const std::string& class_name, const Config& config, const std::string& name) {
    const ModelEntry model = ReadModel(class_name, config, "", "");
    Network network = model.chain ? OfChain(model, name) : OfGraph(model, name);
    Tell("left out, since they do something only while a network learns: ", left_out_);
    Tell("these types are float32 here: ", other_types_);
    return network;
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
      ModelEntry::Part part{.entry = internal::ReadLayerEntry(whole)};
      InLayer(part.entry, [&] {
        if (part.entry.name.empty()) FailEntry("a layer of a functional model has a name", whole);
        if (!names.insert(part.entry.name).second) FailEntry("each layer has a name of its own", part.entry.name);
        ReadPart(part, place, counted, count);
      });
      model.parts.push_back(std::move(part));
    }
    model.inputs = internal::ReadReferences(MemberOf(config, "input_layers"));
    model.outputs = internal::ReadReferences(MemberOf(config, "output_layers"));
    for (ModelEntry::Part& part : model.parts) {
      if (part.model != nullptr) part.first_call = FirstCall(model, part.entry.name);
    }
    return model;
  }

  ModelEntry ReadChain(const Config& config, const std::string& place, const std::string& counted) {
    ModelEntry model{.chain = true, .parts = {}, .inputs = {{.layer = ""}}, .outputs = {{.layer = ""}}};
    std::map<std::string, int> count;
    // The first files of Keras 2 have the list of layers itself.
    for (const Config& whole : ListOf(config.AsList() != nullptr ? config : MemberOf(config, "layers"))) {
      ModelEntry::Part part{.entry = internal::ReadLayerEntry(whole)};
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
    if (entry.config->AsObject() == nullptr && !IsModel(entry.class_name)) {
      FailEntry("the config of a layer is an object", *entry.config);
    }
    const std::string base = SnakeCase(entry.class_name);
    const int number = count[base]++;
    const std::string group = Concat(counted, base, number == 0 ? "" : Concat("_", number));
    const std::string name = entry.name.empty() ? "" : place + entry.name;
    if (!name.empty()) reading_.counted_names[group] = name;
    const Config* const nodes = entry.whole->Find("inbound_nodes");
    std::vector<LayerCallEntry> calls;
    if (nodes != nullptr) calls = internal::ReadCalls(*nodes);
    if (internal::IsOperator(entry)) {
      if (calls.size() != 1) FailEntry("an operation among layers is called once", Config(std::ssize(calls)));
      internal::OperatorLayer read = internal::ReadOperator(entry, name, calls[0]);
      part.layer = std::move(read.layer);
      part.calls.push_back(std::move(read.inputs));
      return;
    }
    for (const LayerCallEntry& call : calls) part.calls.push_back(TensorsOf(call));
    if (IsModel(entry.class_name)) {
      part.model = std::make_unique<ModelEntry>(
          ReadModel(entry.class_name, *entry.config, Concat(name, "/"), Concat(group, "/")));
      return;
    }
    CheckType(*entry.config);
    if (entry.class_name == "InputLayer" || entry.class_name == "Identity") return;
    if (std::find(kOfTrainingAlone.begin(), kOfTrainingAlone.end(), entry.class_name) != kOfTrainingAlone.end()) {
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
      if (unused || key == "dtype" || key == "batch_input_shape" || key == "batch_shape" || key == "input_dtype" ||
          one_group) {
        continue;
      }
      arguments.emplace_back(key, value);
    }
    Config config(std::move(arguments));
    const auto has_list = [&](const char* key) { return config.Find(key) != nullptr && config.Find(key)->AsList(); };
    if (entry.class_name == "Rescaling" && (has_list("scale") || has_list("offset"))) {
      return internal::ReadRescalingOfChannels(config, name);
    }
    if (!name.empty()) config.Set("name", name);
    return internal::LayerFromConfig(entry.class_name, config, version_);
  }

  // Layers take tensors alone; that a call is not one of training is so here at all other times.
  static std::vector<LayerOutput> TensorsOf(const LayerCallEntry& call) {
    std::vector<LayerOutput> tensors;
    for (const internal::CallArgument& argument : call.arguments) {
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

  static int64_t FirstCall(const ModelEntry& model, const std::string& name) {
    std::optional<int64_t> least;
    const auto look = [&](const LayerOutput& output) {
      if (output.layer == name) least = std::min(least.value_or(output.call), output.call);
    };
    for (const ModelEntry::Part& part : model.parts) {
      for (const auto& call : part.calls) std::for_each(call.begin(), call.end(), look);
    }
    std::for_each(model.outputs.begin(), model.outputs.end(), look);
    return least.value_or(0);
  }

  // (null, 28, 28, 1): the shape of a sample. Rows and columns that are left open are chosen.
  Shape SampleShape(const Config& config, const std::string& input) {
    const Config::List& list = ListOf(config);
    if (list.size() < 2) FailEntry("an input has an axis beside the batch", config);
    constexpr int64_t kSide = 224;
    const size_t first = list.size() == 4 && list[3].IsNull() && !list[1].IsNull() ? 2 : 1;  // of rows and columns
    std::vector<int64_t> lengths;
    bool chosen = false;
    for (size_t i = 1; i < list.size(); ++i) {
      if (list[i].AsInteger() != nullptr) {
        lengths.push_back(*list[i].AsInteger());
        continue;
      }
      if (!list[i].IsNull() || list.size() != 4 || (i != first && i != first + 1)) {
        FailEntry("all lengths of an input but the batch, and rows and columns of pictures, are known", config);
      }
      const int64_t wanted = i == first ? reading_.rows : reading_.columns;
      lengths.push_back(wanted > 0 ? wanted : kSide);
      chosen = true;
    }
    if (chosen) {
      std::string read = "1";
      for (const int64_t length : lengths) read += Concat(", ", length);
      reading_.assumed.push_back(
          Concat("input ", input, " may be ", config.ToText(), "; it is read as (", read, "), see --input-size"));
    }
    return Shape(lengths);
  }

  Network OfChain(const ModelEntry& model, const std::string& name) {
    if (model.sample == nullptr || model.sample->IsNull()) {
      throw Error({.where = "network " + name,
                   .rule = "the shape of the input is known",
                   .received = "none",
                   .fix = "begin with an InputLayer that has a batch_shape"});
    }
    const Shape sample = SampleShape(*model.sample, "input");
    if (std::vector<LayerPtr> chain; AppendChain(model, chain)) return Sequential(sample, chain, name);
    NetworkBuilder builder(name);
    const std::string input = builder.Input(sample);
    return builder.Build(Call(builder, model, {input}));
  }

  // The layers of a chain, of which some may be chains; false where one is something else.
  static bool AppendChain(const ModelEntry& model, std::vector<LayerPtr>& chain) {
    if (!model.chain) return false;
    for (const ModelEntry::Part& part : model.parts) {
      if (part.layer != nullptr) chain.push_back(part.layer);
      if (part.model != nullptr && !AppendChain(*part.model, chain)) return false;
    }
    return true;
  }

  Network OfGraph(const ModelEntry& model, const std::string& name) {
    NetworkBuilder builder(name);
    std::vector<std::string> inputs;
    // In the order of input_layers, which is that in which the network takes them.
    for (const LayerOutput& input : model.inputs) {
      const auto found = std::find_if(model.parts.begin(), model.parts.end(), [&](const ModelEntry::Part& part) {
        return part.entry.name == input.layer && part.entry.class_name == "InputLayer";
      });
      if (found == model.parts.end()) FailEntry("each of input_layers is an InputLayer", input.layer);
      InLayer(found->entry, [&] {
        const Config* shape = InputShapeOf(*found->entry.config);
        if (shape == nullptr) FailEntry("an InputLayer has a batch_shape", *found->entry.config);
        inputs.push_back(builder.Input(SampleShape(*shape, input.layer), input.layer));
      });
    }
    return builder.Build(Call(builder, model, inputs));
  }

  // Adds the layers of the model; returns what its outputs are.
  std::vector<std::string> Call(NetworkBuilder& builder, const ModelEntry& model,
                                const std::vector<std::string>& inputs) {
    if (inputs.size() != model.inputs.size()) {
      throw Error({.rule = Concat("a model is called on as many tensors as it has inputs, ", model.inputs.size()),
                   .received = Concat(inputs.size())});
    }
    using Key = std::tuple<std::string, int64_t, int64_t>;  // layer, call, output
    std::map<Key, std::string> tensors;
    const auto find = [&](const LayerOutput& output) {
      const auto found = tensors.find({output.layer, output.call, output.output});
      return found == tensors.end() ? nullptr : &found->second;
    };
    for (size_t i = 0; i < inputs.size(); ++i) tensors[{model.inputs[i].layer, 0, 0}] = inputs[i];
    // Files may list a shared layer before what its second call reads, so the list is gone through until nothing moves.
    std::vector<size_t> done(model.parts.size());
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t p = 0; p < model.parts.size(); ++p) {
        const ModelEntry::Part& part = model.parts[p];
        for (; done[p] < part.calls.size(); ++done[p], moved = true) {
          std::vector<std::string> read;
          for (const LayerOutput& input : part.calls[done[p]]) {
            if (const std::string* const tensor = find(input)) read.push_back(*tensor);
          }
          if (read.size() != part.calls[done[p]].size()) break;
          const std::vector<std::string> made = CallPart(builder, part, read);
          const int64_t call = part.first_call + static_cast<int64_t>(done[p]);
          for (size_t k = 0; k < made.size(); ++k) {
            tensors[{part.entry.name, call, static_cast<int64_t>(k)}] = made[k];
          }
        }
      }
    }
    for (size_t p = 0; p < model.parts.size(); ++p) {
      const ModelEntry::Part& part = model.parts[p];
      if (done[p] == part.calls.size()) continue;
      InLayer(part.entry, [&] {
        std::string missing;
        for (const LayerOutput& input : part.calls[done[p]]) {
          if (find(input) == nullptr) missing = Concat(input.layer, " (call ", input.call, ")");
        }
        FailEntry("a layer reads what comes before it", missing);
      });
    }
    std::vector<std::string> outputs;
    for (const LayerOutput& output : model.outputs) {
      const std::string* const tensor = find(output);
      if (tensor == nullptr) FailEntry("each of output_layers is a layer's", output.layer);
      outputs.push_back(*tensor);
    }
    return outputs;
  }

  std::vector<std::string> CallPart(NetworkBuilder& builder, const ModelEntry::Part& part,
                                    const std::vector<std::string>& inputs) {
    // Models in models, each called twice, are many calls in a small file.
    constexpr int64_t kMostCalls = 100'000;
    if (++calls_ > kMostCalls) {
      throw Error({.rule = Concat("a network calls its layers at most ", kMostCalls, " times"), .received = "more"});
    }
    if (part.model != nullptr) return InLayer(part.entry, [&] { return Call(builder, *part.model, inputs); });
    if (part.layer != nullptr) return {builder.Call(part.layer, inputs)};
    if (inputs.size() != 1) {
      throw Error({.where = part.entry.Place(),
                   .rule = "the layer is called on one tensor",
                   .received = Concat(inputs.size())});
    }
    return inputs;
  }

  void Tell(const std::string& what, const std::set<std::string>& of) {
    if (of.empty()) return;
    std::string line = what;
    for (const std::string& one : of) line += Concat(line.size() == what.size() ? "" : ", ", one);
    reading_.assumed.push_back(std::move(line));
  }

  KerasVersion version_;
  NetworkReading& reading_;
  int64_t calls_ = 0;
  std::set<std::string> left_out_, other_types_;
};

KerasVersion VersionOf(const Config& config) {
  if (const Config* stated = config.Find("keras_version"); stated != nullptr && stated->AsString() != nullptr) {
    return stated->AsString()->starts_with("3") ? KerasVersion::k3 : KerasVersion::k2;
  }
  return config.Find("module") != nullptr ? KerasVersion::k3 : KerasVersion::k2;
}

}  // namespace

Network NetworkFromConfig(const Config& config, NetworkReading* reading) {
  const std::string& class_name = TextOf(MemberOf(config, "class_name"));
  const Config& inner = MemberOf(config, "config");
  const Config* given = inner.Find("name");
  const std::string name =
      given != nullptr && given->AsString() != nullptr ? *given->AsString() : SnakeCase(class_name);
  NetworkReading own;
  if (IsModel(class_name)) {
    return Reader(VersionOf(config), reading == nullptr ? own : *reading).Read(class_name, inner, name);
  }
  throw Error({.where = "network " + name,
               .rule = "a network is a Sequential or a Functional",
               .received = Concat('"', class_name, '"')});
}

}  // namespace convscope
