// NetworkToConfig: Keras 3.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/layer_table.h"
#include "convscope/nn/network_config.h"

namespace convscope {
namespace {

std::string KerasName(std::string name) {
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

Config BatchShape(const Shape& shape) {
  Config::List lengths = {Config()};
  for (int axis = 1; axis < shape.rank(); ++axis) lengths.emplace_back(shape[axis]);
  return lengths;
}

Config Reference(const std::string& layer, int64_t call) {
  return Config::List{layer, call, 0};
}

class Writer {
 public:
  // A chain in which a layer stands twice is no Sequential for Keras.
  explicit Writer(const Network& network)
      : network_(network),
        sequential_(network.sequential() &&
                    std::all_of(network.layers().begin(), network.layers().end(),
                                [](const NetworkLayer& layer) { return layer.calls.size() == 1; })) {}

  Config Write() {
    for (const std::string& input : network_.inputs()) AddInput(input);
    for (const NetworkLayer& layer : network_.layers()) {
      try {
        AddLayer(layer);
      } catch (const Error& error) {
        throw error.At(Concat("layer ", layer.name, " (", layer.layer->class_name(), ")"));
      }
    }
    Config::Object config = {{"name", network_.name()}, {"trainable", true}};
    if (!sequential_) {
      AddCalls();
      config.emplace_back("layers", std::move(layers_));
      Config::List inputs, outputs;
      for (const std::string& input : network_.inputs()) inputs.push_back(source_.at(input));
      for (const std::string& output : network_.outputs()) outputs.push_back(source_.at(output));
      config.emplace_back("input_layers", std::move(inputs));
      config.emplace_back("output_layers", std::move(outputs));
    } else {
      config.emplace_back("layers", std::move(layers_));
    }
    return Config::Object{{"module", sequential_ ? "keras" : "keras.src.models.functional"},
                          {"class_name", sequential_ ? "Sequential" : "Functional"},
                          {"config", std::move(config)},
                          {"registered_name", sequential_ ? Config() : Config("Functional")}};
  }

 private:
  const Shape& ShapeOf(const std::string& tensor) const { return network_.graph()[tensor].type.shape; }

  void Push(std::string_view class_name, const std::string& name, Config arguments) {
    if (!names_.insert(name).second) {
      throw Error({.rule = "each layer has a name of its own once '/' is written as '.'", .received = name});
    }
    Config config = Config::Object{{"name", name}};
    for (auto& [key, value] : *arguments.AsObject()) config.Set(key, value);
    const bool ours = class_name == "LocalResponseNormalization";
    Config entry = Config::Object{{"module", ours ? "convscope" : "keras.layers"},
                                  {"class_name", class_name},
                                  {"config", std::move(config)},
                                  {"registered_name", ours ? Config(Concat("convscope>", class_name)) : Config()}};
    if (!sequential_) {
      entry.Set("name", name);
      entry.Set("inbound_nodes", Config::List());
    }
    layers_.push_back(std::move(entry));
  }

  void AddInput(const std::string& input) {
    const std::string name = KerasName(input);
    Push("InputLayer", name,
         Config::Object{{"batch_shape", BatchShape(ShapeOf(input))}, {"dtype", "float32"}, {"sparse", false}});
    source_[input] = Reference(name, 0);
  }

  // A convolution with padding of each side is, for Keras, two layers.
  void AddLayer(const NetworkLayer& layer) {
    const std::string_view class_name = layer.layer->class_name();
    const std::string name = KerasName(layer.name);
    Config arguments = Config::Object{};
    // The one layer whose constructor does not take it.
    if (layer.layer->class_name() != "SpatialDropout2D") arguments.Set("trainable", layer.layer->trainable());
    arguments.Set("dtype", "float32");
    const Config own = layer.layer->config();
    for (const auto& [key, value] : *own.AsObject()) arguments.Set(key, value);
    const Config* activation = own.Find("activation");
    if (activation != nullptr && activation->AsString()->find(':') != std::string::npos) {
      throw Error({.where = "activation",
                   .rule = "Keras has activations with parameters of their own as layers alone",
                   .received = activation->ToText(),
                   .fix = "add the activation as a layer"});
    }
    const Config* padding = own.Find("padding");
    if (padding != nullptr && padding->AsList() != nullptr && class_name != "ZeroPadding2D") {
      if (class_name != "Conv2D" && class_name != "DepthwiseConv2D" && class_name != "SeparableConv2D") {
        throw Error({.where = "padding",
                     .rule = "for Keras the padding of this layer is \"valid\" or \"same\"",
                     .received = padding->ToText()});
      }
      padded_[layer.name] = name + "_pad";
      Push("ZeroPadding2D", name + "_pad",
           Config::Object{{"trainable", true},
                          {"dtype", "float32"},
                          {"padding", Config::List{*padding, *padding}},
                          {"data_format", *own.Find("data_format")}});
      arguments.Set("padding", "valid");
    }
    Push(class_name, name, std::move(arguments));
  }

  void AddCalls() {
    // Calls in the order in which tensors came to be, so that each finds its inputs.
    struct OneCall {
      const NetworkLayer* layer;
      int64_t number;
    };
    std::vector<OneCall> calls;
    for (const NetworkLayer& layer : network_.layers()) {
      for (size_t i = 0; i < layer.calls.size(); ++i) {
        source_[layer.calls[i].output] = Reference(KerasName(layer.name), static_cast<int64_t>(i));
        calls.push_back({&layer, static_cast<int64_t>(i)});
      }
    }
    for (const OneCall& call : calls) {
      const std::vector<std::string>& inputs = call.layer->calls[static_cast<size_t>(call.number)].inputs;
      Config::List tensors;
      for (const std::string& input : inputs) tensors.push_back(KerasTensor(ShapeOf(input), source_.at(input)));
      const std::string name = KerasName(call.layer->name);
      const auto pad = padded_.find(call.layer->name);
      if (pad != padded_.end()) {
        AddNode(pad->second, tensors[0]);
        AddNode(name, KerasTensor(PaddedShape(pad->second, ShapeOf(inputs[0])), Reference(pad->second, call.number)));
      } else {
        AddNode(name, tensors.size() == 1 ? tensors[0] : Config(std::move(tensors)));
      }
    }
  }

  static Config KerasTensor(const Shape& shape, Config history) {
    return Config::Object{
        {"class_name", "__keras_tensor__"},
        {"config",
         Config::Object{{"shape", BatchShape(shape)}, {"dtype", "float32"}, {"keras_history", std::move(history)}}}};
  }

  Config& Entry(const std::string& name) {
    return *std::find_if(layers_.begin(), layers_.end(),
                         [&](const Config& entry) { return *entry.Find("name")->AsString() == name; });
  }

  Shape PaddedShape(const std::string& pad, const Shape& shape) {
    const Config& config = *Entry(pad).Find("config");
    const Config::List& sides = *config.Find("padding")->AsList()->front().AsList();
    const int first = *config.Find("data_format")->AsString() == "channels_last" ? 1 : 2;
    std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
    for (int axis = first; axis < first + 2; ++axis) {
      lengths[static_cast<size_t>(axis)] += *sides[0].AsInteger() + *sides[1].AsInteger();
    }
    return Shape(lengths);
  }

  void AddNode(const std::string& name, Config argument) {
    Config& entry = Entry(name);
    Config::List nodes = *entry.Find("inbound_nodes")->AsList();
    nodes.push_back(Config::Object{{"args", Config::List{std::move(argument)}}, {"kwargs", Config::Object{}}});
    entry.Set("inbound_nodes", std::move(nodes));
  }

  const Network& network_;
  const bool sequential_;
  Config::List layers_;
  std::set<std::string> names_;
  std::map<std::string, Config> source_;       // of a tensor: the layer and the call that it comes from
  std::map<std::string, std::string> padded_;  // layers with a padding layer before them, and its name
};

}  // namespace

Config NetworkToConfig(const Network& network) {
  return Writer(network).Write();
}

}  // namespace convscope
