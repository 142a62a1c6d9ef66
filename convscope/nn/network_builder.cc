#include "convscope/nn/network_builder.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

bool IsUpper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool IsLower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

std::string SnakeCase(std::string_view class_name) {
  // An underscore before a capital that lower case follows, then between lower case and a capital.
  std::string split;
  for (size_t i = 0; i < class_name.size(); ++i) {
    const bool word = i > 0 && IsUpper(class_name[i]) && i + 1 < class_name.size() && IsLower(class_name[i + 1]);
    const bool after_lower = i > 0 && IsUpper(class_name[i]) && IsLower(class_name[i - 1]);
    if (word || after_lower) split += '_';
    split += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
  }
  return split;
}

NetworkBuilder::NetworkBuilder(std::string name) {
  parts_.name = std::move(name);
}

std::string NetworkBuilder::NewName(const std::string& base) const {
  const auto taken = [&](const std::string& name) {
    return builder_.graph().Has(name) || std::any_of(parts_.layers.begin(), parts_.layers.end(),
                                                     [&](const NetworkLayer& layer) { return layer.name == name; });
  };
  std::string name = base;
  for (int64_t i = 1; taken(name); ++i) name = Concat(base, '_', i);
  return name;
}

std::string NetworkBuilder::Input(const Shape& sample, std::string name) {
  if (name.empty()) name = NewName("input");
  std::vector<int64_t> lengths = {1};
  for (const int64_t length : sample.lengths()) {
    if (length < 1) {
      throw Error({.where = Concat("input ", name),
                   .rule = "the lengths of a sample are at least 1",
                   .received = sample.ToString()});
    }
    lengths.push_back(length);
  }
  builder_.Input(name, {Shape(lengths)});
  parts_.inputs.push_back(name);
  return name;
}

std::string NetworkBuilder::Call(const LayerPtr& layer, const std::string& input) {
  return Call(layer, std::vector<std::string>{input});
}

std::string NetworkBuilder::Call(const LayerPtr& layer, const std::vector<std::string>& inputs) {
  const auto known = std::find_if(parts_.layers.begin(), parts_.layers.end(),
                                  [&](const NetworkLayer& entry) { return entry.layer == layer; });
  const bool again = known != parts_.layers.end();
  NetworkLayer entry;
  if (again) {
    entry = *known;
  } else {
    entry.layer = layer;
    entry.name = layer->name().empty() ? NewName(SnakeCase(layer->class_name())) : layer->name();
  }
  const size_t tensors = builder_.graph().tensors().size(), nodes = builder_.graph().nodes().size();
  try {
    const auto same_name = [&](const NetworkLayer& other) { return other.layer != layer && other.name == entry.name; };
    if (std::any_of(parts_.layers.begin(), parts_.layers.end(), same_name)) {
      throw Error({.rule = "each layer has a name of its own",
                   .received = "this name again",
                   .fix = "choose another name; to share the weights, call the same LayerPtr twice"});
    }
    if (inputs.empty()) throw Error({.rule = "a layer is called on a tensor", .received = "none"});
    for (const std::string& input : inputs) builder_.graph().Find(input);
    LayerCall call(builder_, *layer, entry.name, inputs, static_cast<int64_t>(entry.calls.size()));
    std::string output = layer->Call(call);
    const LayerCall::Record& record = call.record();
    for (const auto& [name, settings] : record.settings) {
      parts_.parameters[name] = NetworkParameter{settings, entry.name};
    }
    if (!again) entry.parameters = record.parameters;
    entry.calls.push_back({.inputs = inputs, .output = output, .nodes = record.nodes});
    if (again) {
      *known = std::move(entry);
    } else {
      parts_.layers.push_back(std::move(entry));
    }
    return output;
  } catch (const Error& error) {
    builder_.RollBack(tensors, nodes);  // a call that fails leaves nothing behind
    throw error.At(Concat("layer ", entry.name, " (", layer->class_name(), ")"));
  }
}

Network NetworkBuilder::Build(std::vector<std::string> outputs) const {
  const std::string where = "network " + parts_.name;
  if (outputs.empty()) throw Error({.where = where, .rule = "a network has an output", .received = "none"});
  for (const std::string& output : outputs) {
    if (builder_.graph()[output].role == TensorRole::kComputed) continue;
    throw Error({.where = where, .rule = "a layer computes each output", .received = Concat('"', output, '"')});
  }
  Network::Parts parts = parts_;
  parts.graph = builder_.Build();
  parts.outputs = std::move(outputs);
  return Network(std::move(parts));
}

Sequential::Sequential(const Shape& sample, const std::vector<LayerPtr>& layers, std::string name)
    : Network([&] {
        if (layers.empty()) {
          throw Error({.where = "network " + name, .rule = "a network has a layer", .received = "none"});
        }
        NetworkBuilder builder(name);
        builder.parts_.sequential = true;
        std::string tensor = builder.Input(sample);
        for (const LayerPtr& layer : layers) tensor = builder.Call(layer, tensor);
        return builder.Build({tensor});
      }()) {}

}  // namespace convscope
