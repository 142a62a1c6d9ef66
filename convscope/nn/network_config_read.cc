// NetworkFromConfig: Keras 2 and 3.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/layer_table.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/network_config.h"

namespace convscope {
namespace {

using internal::KerasVersion;

[[noreturn]] void Fail(std::string rule, const Config& received) {
  throw Error({.rule = std::move(rule), .received = received.ToText()});
}

const Config& Member(const Config& config, std::string_view key) {
  const Config* found = config.Find(key);
  if (found == nullptr) Fail(Concat("expected an object with the member ", key), config);
  return *found;
}

const std::string& Text(const Config& config) {
  if (config.AsString() == nullptr) Fail("expected a text", config);
  return *config.AsString();
}

const Config::List& ListOf(const Config& config) {
  if (config.AsList() == nullptr) Fail("expected a list", config);
  return *config.AsList();
}

// (null, 28, 28, 1): the shape of a sample.
Shape SampleShape(const Config& config) {
  const Config::List& list = ListOf(config);
  std::vector<int64_t> lengths;
  for (size_t i = 1; i < list.size(); ++i) {
    if (list[i].AsInteger() == nullptr) Fail("all lengths of an input but the batch are known", config);
    lengths.push_back(*list[i].AsInteger());
  }
  if (lengths.empty()) Fail("an input has an axis beside the batch", config);
  return Shape(lengths);
}

const Config* InputShapeOf(const Config& config) {
  const Config* shape = config.Find("batch_shape");
  if (shape == nullptr) shape = config.Find("batch_input_shape");
  return shape == nullptr || shape->IsNull() ? nullptr : shape;
}

// Everything here computes in float32.
void CheckFloat32(const Config& config) {
  const Config* dtype = config.Find("dtype");
  if (dtype == nullptr || dtype->IsNull()) return;
  const Config* name = dtype;
  if (dtype->AsObject() != nullptr) {
    const Config* inner = dtype->Find("config");
    name = inner == nullptr ? dtype : inner->Find("name");
  }
  if (name != nullptr && name->AsString() != nullptr && *name->AsString() == "float32") return;
  throw Error({.where = "dtype", .rule = "layers compute in float32", .received = dtype->ToText()});
}

struct LayerEntry {
  std::string class_name, name;
  const Config* config;  // its arguments
  const Config* whole;   // with its connections
};

LayerEntry ReadEntry(const Config& whole) {
  LayerEntry entry{
      .class_name = Text(Member(whole, "class_name")), .config = &Member(whole, "config"), .whole = &whole};
  const Config* name = whole.Find("name");
  if (name == nullptr) name = entry.config->Find("name");
  if (name != nullptr && !name->IsNull()) entry.name = Text(*name);
  return entry;
}

LayerPtr MakeLayer(const LayerEntry& entry, KerasVersion version) {
  if (entry.config->AsObject() == nullptr) Fail("the config of a layer is an object", *entry.config);
  CheckFloat32(*entry.config);
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
  if (!entry.name.empty()) config.Set("name", entry.name);
  return internal::LayerFromConfig(entry.class_name, config, version);
}

// Runs `read`; an error in it names the layer.
template <typename Read>
auto InLayer(const LayerEntry& entry, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw error.At(Concat("layer ", entry.name.empty() ? "without a name" : entry.name, " (", entry.class_name, ")"));
  }
}

Network ReadSequential(const std::string& name, const Config& config, const Config& layers, KerasVersion version) {
  std::optional<Shape> sample;
  std::vector<LayerPtr> chain;
  for (const Config& whole : ListOf(layers)) {
    const LayerEntry entry = ReadEntry(whole);
    InLayer(entry, [&] {
      if (chain.empty() && !sample && InputShapeOf(*entry.config) != nullptr) {
        sample = SampleShape(*InputShapeOf(*entry.config));
      }
      // Keras 3 may say it of the first layer alone.
      const Config* build = whole.Find("build_config");
      if (chain.empty() && !sample && build != nullptr && build->Find("input_shape") != nullptr) {
        sample = SampleShape(*build->Find("input_shape"));
      }
      if (entry.class_name == "InputLayer") {
        CheckFloat32(*entry.config);
      } else {
        chain.push_back(MakeLayer(entry, version));
      }
    });
  }
  const Config* built = config.Find("build_input_shape");
  if (!sample && built != nullptr && !built->IsNull()) sample = SampleShape(*built);
  if (!sample) {
    throw Error({.where = "network " + name,
                 .rule = "the shape of the input is known",
                 .received = "none",
                 .fix = "begin with an InputLayer that has a batch_shape"});
  }
  return Sequential(*sample, chain, name);
}

// The output of call `node` of a layer.
struct TensorReference {
  std::string layer;
  int64_t node = 0;
};

TensorReference ReadReference(const Config& config) {
  const Config::List& list = ListOf(config);
  if (list.size() < 3 || list[0].AsString() == nullptr || list[1].AsInteger() == nullptr ||
      list[2].AsInteger() == nullptr || *list[2].AsInteger() != 0) {
    Fail("expected [layer, number of the call, 0]", config);
  }
  return {*list[0].AsString(), *list[1].AsInteger()};
}

void CheckKeywords(const Config& keywords) {
  if (keywords.AsObject() == nullptr) Fail("expected the keywords of a call", keywords);
  for (const auto& [key, value] : *keywords.AsObject()) {
    if (value.IsNull()) continue;
    throw Error({.where = key, .rule = "a layer is called on tensors alone", .received = value.ToText()});
  }
}

// Keras 3: {"args": [tensor or [tensors]], "kwargs": {}}, each tensor an object with a "keras_history".
void ReadArguments(const Config& argument, std::vector<TensorReference>& references) {
  if (argument.AsList() != nullptr) {
    for (const Config& inner : *argument.AsList()) ReadArguments(inner, references);
    return;
  }
  references.push_back(ReadReference(Member(Member(argument, "config"), "keras_history")));
}

// What each call of a layer reads.
std::vector<std::vector<TensorReference>> ReadCalls(const Config& nodes) {
  std::vector<std::vector<TensorReference>> calls;
  for (const Config& node : ListOf(nodes)) {
    std::vector<TensorReference>& references = calls.emplace_back();
    if (node.AsObject() != nullptr) {
      ReadArguments(Member(node, "args"), references);
      if (const Config* keywords = node.Find("kwargs")) CheckKeywords(*keywords);
      continue;
    }
    // Keras 2: [[layer, call, 0, keywords], ...].
    for (const Config& reference : ListOf(node)) {
      references.push_back(ReadReference(reference));
      if (ListOf(reference).size() > 3) CheckKeywords(ListOf(reference)[3]);
    }
  }
  return calls;
}

// One reference, or a list of them.
std::vector<TensorReference> ReadReferences(const Config& config) {
  if (!ListOf(config).empty() && ListOf(config)[0].AsString() != nullptr) return {ReadReference(config)};
  std::vector<TensorReference> references;
  for (const Config& reference : ListOf(config)) references.push_back(ReadReference(reference));
  return references;
}

class FunctionalReader {
 public:
  FunctionalReader(std::string name, KerasVersion version) : builder_(std::move(name)), version_(version) {}

  Network Read(const Config& config) {
    for (const Config& whole : ListOf(Member(config, "layers"))) {
      Pending layer{.entry = ReadEntry(whole)};
      InLayer(layer.entry, [&] {
        if (layer.entry.name.empty()) Fail("a layer of a functional model has a name", whole);
        if (!names_.insert(layer.entry.name).second) Fail("each layer has a name of its own", layer.entry.name);
        if (layer.entry.class_name == "InputLayer") return;
        layer.layer = MakeLayer(layer.entry, version_);
        layer.calls = ReadCalls(Member(whole, "inbound_nodes"));
      });
      layers_.push_back(std::move(layer));
    }
    AddInputs(config);
    while (CallWhatIsReady()) {
    }
    for (const Pending& layer : layers_) {
      if (layer.done == layer.calls.size()) continue;
      InLayer(layer.entry, [&] {
        std::string missing;
        for (const TensorReference& input : layer.calls[layer.done]) {
          if (!outputs_.contains({input.layer, input.node})) missing = Concat(input.layer, " (call ", input.node, ")");
        }
        Fail("a layer reads what comes before it", missing);
      });
    }
    std::vector<std::string> outputs;
    for (const TensorReference& output : ReadReferences(Member(config, "output_layers"))) {
      const auto found = outputs_.find({output.layer, output.node});
      if (found == outputs_.end()) Fail("each of output_layers is a layer's", output.layer);
      outputs.push_back(found->second);
    }
    return builder_.Build(std::move(outputs));
  }

 private:
  struct Pending {
    LayerEntry entry;
    LayerPtr layer;
    std::vector<std::vector<TensorReference>> calls;
    size_t done = 0;
  };

  // In the order of input_layers, which is that in which the network takes them.
  void AddInputs(const Config& config) {
    for (const TensorReference& input : ReadReferences(Member(config, "input_layers"))) {
      const auto found = std::find_if(layers_.begin(), layers_.end(), [&](const Pending& layer) {
        return layer.entry.name == input.layer && layer.entry.class_name == "InputLayer";
      });
      if (found == layers_.end()) Fail("each of input_layers is an InputLayer", input.layer);
      InLayer(found->entry, [&] {
        CheckFloat32(*found->entry.config);
        const Config* shape = InputShapeOf(*found->entry.config);
        if (shape == nullptr) Fail("an InputLayer has a batch_shape", *found->entry.config);
        outputs_[{input.layer, 0}] = builder_.Input(SampleShape(*shape), input.layer);
      });
    }
  }

  // Files may list a shared layer before what its second call reads, so the list is gone through until nothing moves.
  bool CallWhatIsReady() {
    bool moved = false;
    for (Pending& layer : layers_) {
      while (layer.done < layer.calls.size()) {
        std::vector<std::string> inputs;
        for (const TensorReference& input : layer.calls[layer.done]) {
          const auto found = outputs_.find({input.layer, input.node});
          if (found != outputs_.end()) inputs.push_back(found->second);
        }
        if (inputs.size() != layer.calls[layer.done].size()) break;
        outputs_[{layer.entry.name, static_cast<int64_t>(layer.done)}] = builder_.Call(layer.layer, inputs);
        ++layer.done;
        moved = true;
      }
    }
    return moved;
  }

  NetworkBuilder builder_;
  KerasVersion version_;
  std::vector<Pending> layers_;
  std::set<std::string> names_;
  std::map<std::pair<std::string, int64_t>, std::string> outputs_;  // by layer and call
};

KerasVersion VersionOf(const Config& config) {
  if (const Config* stated = config.Find("keras_version"); stated != nullptr && stated->AsString() != nullptr) {
    return stated->AsString()->starts_with("3") ? KerasVersion::k3 : KerasVersion::k2;
  }
  return config.Find("module") != nullptr ? KerasVersion::k3 : KerasVersion::k2;
}

}  // namespace

Network NetworkFromConfig(const Config& config) {
  const std::string& class_name = Text(Member(config, "class_name"));
  const Config& inner = Member(config, "config");
  const KerasVersion version = VersionOf(config);
  const Config* given = inner.Find("name");
  const std::string name =
      given != nullptr && given->AsString() != nullptr ? *given->AsString() : SnakeCase(class_name);
  if (class_name == "Sequential") {
    // The first files of Keras 2 have the list of layers itself.
    return ReadSequential(name, inner, inner.AsList() != nullptr ? inner : Member(inner, "layers"), version);
  }
  if (class_name == "Functional" || class_name == "Model") return FunctionalReader(name, version).Read(inner);
  throw Error({.where = "network " + name,
               .rule = "a network is a Sequential or a Functional",
               .received = Concat('"', class_name, '"')});
}

}  // namespace convscope
