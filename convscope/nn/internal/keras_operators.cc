#include "convscope/nn/internal/keras_operators.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/nn/activation_layers.h"
#include "convscope/nn/internal/config_values.h"
#include "convscope/nn/merge_layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/nn/normalization_layers.h"
#include "convscope/nn/pooling_layers.h"
#include "convscope/nn/shape_layers.h"

namespace convscope::internal {
namespace {

using Functions = std::pair<std::string_view, std::string_view>;

// What both call by different names, as Keras 3 does.
constexpr Functions kSameFunctions[] = {{"truediv", "divide"},     {"true_divide", "divide"},  {"neg", "negative"},
                                        {"reduce_mean", "mean"},   {"reduce_max", "max"},      {"amax", "max"},
                                        {"concat", "concatenate"}, {"clip_by_value", "clip"},  {"re_lu", "relu"},
                                        {"silu", "swish"},         {"hard_silu", "hard_swish"}};

// "Relu6" of Keras 3, "nn.relu6" of Keras 2.
std::string FunctionOf(const LayerEntry& entry) {
  std::string name;
  if (const Config* function = entry.config->Find("function")) {
    name = TextOf(*function);
    name = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  } else {
    name = SnakeCase(entry.class_name);
  }
  for (const auto& [other, same] : kSameFunctions) {
    if (name == other) return std::string(same);
  }
  return name;
}

class Operator {
 public:
  Operator(const LayerEntry& entry, std::string name, const LayerCallEntry& call)
      : entry_(entry), call_(call), name_(std::move(name)), operands_(call.arguments) {
    for (const auto& [key, argument] : call.keywords) {
      if (key == "y" || key == "x2" || argument.tensor) operands_.push_back(argument);
    }
  }

  OperatorLayer Read() const {
    OperatorLayer read{.layer = Layer(FunctionOf(entry_)), .inputs = {}};
    for (const CallArgument& operand : operands_) {
      if (operand.tensor) read.inputs.push_back(*operand.tensor);
    }
    return read;
  }

 private:
  LayerPtr Layer(const std::string& function) const {
    if (function == "stop_gradient" || function == "identity") return nullptr;
    if (function == "cast") {
      const Config* const type = Setting({"dtype"});
      if (type != nullptr && type->AsString() != nullptr && type->AsString()->find("float") != std::string::npos) {
        return nullptr;  // everything here computes in float32
      }
      FailEntry("a cast is to a type of real numbers", type == nullptr ? Config() : *type);
    }
    if (function == "concatenate") return Concatenate{.axis = Whole({"axis"}, -1), .name = name_};
    if (operands_.size() == 2) return OfTwo(function);
    if (operands_.size() != 1 || !operands_[0].tensor) Refuse();
    if (function == "negative") return Rescaling{.scale = -1, .name = name_};
    if (LayerPtr layer = ActivationOf(function)) return layer;
    if (function == "mean" || function == "max") return PoolOf(function == "mean");
    if (function == "reshape") {
      return Reshape{.target_shape = OfSample({"newshape", "shape"}, -1, "a new shape leaves the batch open"),
                     .name = name_};
    }
    if (function == "transpose") {
      return Permute{.dims = OfSample({"axes", "perm"}, 0, "the batch stays the first axis"), .name = name_};
    }
    Refuse();
  }

  // x + y, or x + 2: the latter is a Rescaling.
  LayerPtr OfTwo(const std::string& function) const {
    const CallArgument &a = operands_[0], &b = operands_[1];
    if (a.tensor && b.tensor) {
      if (function == "add") return Add{.name = name_};
      if (function == "subtract") return Subtract{.name = name_};
      if (function == "multiply") return Multiply{.name = name_};
      if (function == "maximum") return Maximum{.name = name_};
      if (function == "minimum") return Minimum{.name = name_};
      Refuse();
    }
    const double number = Number((a.tensor ? b : a).value);
    if (function == "add") return Rescaling{.offset = number, .name = name_};
    if (function == "multiply") return Rescaling{.scale = number, .name = name_};
    if (function == "subtract" && a.tensor) return Rescaling{.offset = -number, .name = name_};
    if (function == "subtract") return Rescaling{.scale = -1, .offset = number, .name = name_};
    if (function == "divide" && a.tensor && number != 0) return Rescaling{.scale = 1 / number, .name = name_};
    if (function == "maximum" && number == 0) return ReLU{.name = name_};
    Refuse();
  }

  LayerPtr ActivationOf(const std::string& function) const {
    if (function == "relu") {
      const Config* const most = Setting({"max_value"});
      if (Real({"threshold"}, 0) != 0) Refuse();
      return ReLU{.max_value = most == nullptr ? std::nullopt : std::optional(Number(*most)),
                  .negative_slope = Real({"negative_slope"}, 0),
                  .name = name_};
    }
    if (function == "leaky_relu") {
      return LeakyReLU{.negative_slope = Real({"negative_slope", "alpha"}, 0.2), .name = name_};
    }
    if (function == "elu") return ELU{.alpha = Real({"alpha"}, 1), .name = name_};
    if (function == "softmax") return Softmax{.axis = Whole({"axis"}, -1), .name = name_};
    if (function == "clip") {
      const double low = Real({"x_min", "clip_value_min"}, 1), high = Real({"x_max", "clip_value_max"}, 0);
      if (low != 0 || high != 6) Refuse();
      return ReLU{.max_value = 6, .name = name_};
    }
    if (function == "gelu") {
      const Config* const approximate = Setting({"approximate"});
      const bool by_tanh = approximate != nullptr && approximate->AsBool() != nullptr && *approximate->AsBool();
      return ActivationLayer{.activation = by_tanh ? "gelu:tanh" : "gelu", .name = name_};
    }
    constexpr std::array kPlain = {"relu6",    "selu",     "sigmoid", "hard_sigmoid", "hard_swish",
                                   "softplus", "softsign", "tanh",    "swish"};
    if (std::find(kPlain.begin(), kPlain.end(), function) == kPlain.end()) return nullptr;
    return ActivationLayer{.activation = std::string_view(function), .name = name_};
  }

  LayerPtr PoolOf(bool mean) const {
    const Config* const axis = Setting({"axis"});
    const Config* const keep = Setting({"keepdims"});
    const bool keeps = keep != nullptr && keep->AsBool() != nullptr && *keep->AsBool();
    if (axis == nullptr || *axis != Config(Config::List{1, 2})) Refuse();
    if (mean) return GlobalAveragePooling2D{.keepdims = keeps, .name = name_};
    return GlobalMaxPooling2D{.keepdims = keeps, .name = name_};
  }

  // A list that begins with the batch, without it.
  std::vector<int64_t> OfSample(std::initializer_list<std::string_view> keys, int64_t batch, const char* rule) const {
    const Config* const setting = Setting(keys);
    if (setting == nullptr) Refuse();
    std::vector<int64_t> values;
    FromConfig(*setting, KerasVersion::k3, values);
    if (values.empty() || values[0] != batch) FailEntry(rule, *setting);
    values.erase(values.begin());
    return values;
  }

  // An argument, of the operation or of its call.
  const Config* Setting(std::initializer_list<std::string_view> keys) const {
    for (const std::string_view key : keys) {
      const Config* found = entry_.config->Find(key);
      for (const auto& [name, argument] : call_.keywords) {
        if (name == key) found = &argument.value;
      }
      if (found != nullptr && !found->IsNull()) return found;
    }
    return nullptr;
  }
  static double Number(const Config& config) {
    double value = 0;
    FromConfig(config, KerasVersion::k3, value);
    return value;
  }
  double Real(std::initializer_list<std::string_view> keys, double otherwise) const {
    const Config* const found = Setting(keys);
    return found == nullptr ? otherwise : Number(*found);
  }
  int64_t Whole(std::initializer_list<std::string_view> keys, int64_t otherwise) const {
    if (const Config* const found = Setting(keys)) FromConfig(*found, KerasVersion::k3, otherwise);
    return otherwise;
  }

  [[noreturn]] void Refuse() const {
    std::string received;
    for (const CallArgument& operand : operands_) {
      received += Concat(received.empty() ? "" : ", ", operand.tensor ? "a tensor" : operand.value.ToText());
    }
    throw Error({.rule = "an operation among layers is one that a layer computes, with such arguments",
                 .received = Concat(FunctionOf(entry_), " of ", received, " and ", entry_.config->ToText()),
                 .fix = "export the model as .onnx"});
  }

  const LayerEntry& entry_;
  const LayerCallEntry& call_;
  std::string name_;
  std::vector<CallArgument> operands_;
};

}  // namespace

bool IsOperator(const LayerEntry& entry) {
  if (entry.class_name == "TFOpLambda") return true;
  const Config* const module = entry.whole->Find("module");
  if (module == nullptr) {
    // In the .h5 files of Keras 3, which tell no modules, it is what has none of the arguments that all layers have.
    const Config* const nodes = entry.whole->Find("inbound_nodes");
    const bool of_keras3 = nodes != nullptr && nodes->AsList() != nullptr && !nodes->AsList()->empty() &&
                           nodes->AsList()->front().Find("args") != nullptr;
    return of_keras3 && entry.config->Find("dtype") == nullptr && entry.config->Find("layers") == nullptr;
  }
  if (module->AsString() == nullptr) return false;
  return module->AsString()->starts_with("keras.src.ops.") || module->AsString()->starts_with("keras.src.activations.");
}

OperatorLayer ReadOperator(const LayerEntry& entry, const std::string& name, const LayerCallEntry& call) {
  return Operator(entry, name, call).Read();
}

LayerPtr ReadRescalingOfChannels(const Config& config, const std::string& name) {
  const auto numbers = [&](std::string_view key, double otherwise) {
    std::vector<double> values = {otherwise};
    if (const Config* const found = config.Find(key)) FromConfig(*found, KerasVersion::k3, values);
    return values;
  };
  std::vector<double> scales = numbers("scale", 1), offsets = numbers("offset", 0);
  const size_t channels = std::max(scales.size(), offsets.size());
  if (scales.size() == 1) scales.resize(channels, scales[0]);
  if (offsets.size() == 1) offsets.resize(channels, offsets[0]);
  const bool positive = std::all_of(scales.begin(), scales.end(), [](double scale) { return scale > 0; });
  if (!positive || scales.size() != channels || offsets.size() != channels) {
    FailEntry("a scale is above 0, and there is one, or one a channel, as of offsets", config);
  }
  Normalization layer{.name = name};
  for (size_t c = 0; c < channels; ++c) {
    layer.mean.push_back(0 - offsets[c] / scales[c]);  // 0, not -0
    layer.variance.push_back(1 / (scales[c] * scales[c]));
  }
  return layer;
}

}  // namespace convscope::internal
