// NetworkFromConfig: Keras 2 and 3.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/keras_model_entry.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/network_config.h"

namespace convscope {
namespace {

using internal::FailEntry;
using internal::InLayer;
using internal::InputShapeOf;
using internal::KerasVersion;
using internal::LayerOutput;
using internal::ListOf;
using internal::MemberOf;
using internal::ModelEntry;
using internal::TextOf;

class Builder {
 public:
  explicit Builder(NetworkReading& reading) : reading_(reading) {}

  Network Build(const ModelEntry& model, const std::string& name) {
    return model.chain ? OfChain(model, name) : OfGraph(model, name);
  }

 private:
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
      std::string read = "1", open = "?";
      for (size_t i = 0; i < lengths.size(); ++i) {
        read += Concat(", ", lengths[i]);
        open += list[i + 1].IsNull() ? ", ?" : Concat(", ", lengths[i]);
      }
      reading_.assumed.push_back(Concat("input ", input, " may be (", open, "); it is read as (", read, ")"));
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

  NetworkReading& reading_;
  int64_t calls_ = 0;
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
  if (reading == nullptr) reading = &own;
  if (internal::IsModelClass(class_name)) {
    const ModelEntry model = internal::ReadModelEntry(class_name, inner, VersionOf(config), *reading);
    return Builder(*reading).Build(model, name);
  }
  throw Error({.where = "network " + name,
               .rule = "a network is a Sequential or a Functional",
               .received = Concat('"', class_name, '"')});
}

}  // namespace convscope
