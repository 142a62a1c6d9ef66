// TorchSummaryText: which module PyTorch has for a layer, and how it prints it.
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/nn/summary.h"

namespace convscope {
namespace {

int64_t Whole(const Config& config) {
  return config.AsInteger() == nullptr ? 0 : *config.AsInteger();
}

double Real(const Config& config) {
  return config.AsDouble() == nullptr ? static_cast<double>(Whole(config)) : *config.AsDouble();
}

// Python's repr of a float: 1.0, 0.5, 1e-05.
std::string RealText(double value) {
  std::string text = ShortestText(value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

// (3, 3)
std::string Tuple(const std::vector<int64_t>& values) {
  std::string text = "(";
  for (const int64_t value : values) text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + (values.size() == 1 ? ",)" : ")");
}

std::vector<int64_t> Numbers(const Config& config) {
  std::vector<int64_t> numbers;
  if (config.AsList() == nullptr) return numbers;
  for (const Config& entry : *config.AsList()) numbers.push_back(Whole(entry));
  return numbers;
}

bool AllEqual(const std::vector<int64_t>& values, int64_t wanted) {
  for (const int64_t value : values) {
    if (value != wanted) return false;
  }
  return true;
}

// PyTorch prints a pool's numbers as one where all axes agree.
std::string OneOrTuple(const std::vector<int64_t>& values) {
  return AllEqual(values, values[0]) ? std::to_string(values[0]) : Tuple(values);
}

class Module {
 public:
  Module(const Network& network, const NetworkLayer& layer, bool channels_first)
      : channels_first_(channels_first),
        class_name_(layer.layer->class_name()),
        config_(layer.layer->config()),
        input_(network.graph()[layer.calls[0].inputs[0]].type.shape),
        output_(network.graph()[layer.calls[0].output].type.shape) {}

  std::string Text() const {
    if (class_name_.starts_with("Conv") || class_name_ == "DepthwiseConv2D") return Convolution();
    if (class_name_.starts_with("MaxPooling") || class_name_.starts_with("AveragePooling")) return Pool();
    if (class_name_.starts_with("Global")) return GlobalPool();
    if (class_name_ == "Dense") {
      return Concat("Linear(in_features=", input_.back(), ", out_features=", output_.back(),
                    ", bias=", Truth("use_bias"), ')');
    }
    if (class_name_ == "Flatten") return "Flatten(start_dim=1, end_dim=-1)";
    if (class_name_ == "Dropout") return Concat("Dropout(p=", RealText(Real(At("rate"))), ", inplace=False)");
    if (class_name_ == "SpatialDropout2D") {
      return Concat("Dropout2d(p=", RealText(Real(At("rate"))), ", inplace=False)");
    }
    if (class_name_ == "BatchNormalization" && input_.rank() >= 2 && input_.rank() <= 5) return BatchNormalization();
    if (class_name_ == "LayerNormalization") {
      const auto count = Numbers(At("axis")).size();
      return Concat("LayerNorm(", Tuple(Last(count)), ", eps=", RealText(Real(At("epsilon"))),
                    ", elementwise_affine=", Truth("scale"), ')');
    }
    if (class_name_ == "LocalResponseNormalization") {
      return Concat("LocalResponseNorm(", Whole(At("size")), ", alpha=", RealText(Real(At("alpha"))),
                    ", beta=", RealText(Real(At("beta"))), ", k=", RealText(Real(At("bias"))), ')');
    }
    if (class_name_ == "LeakyReLU") {
      return Concat("LeakyReLU(negative_slope=", RealText(Real(At("negative_slope"))), ')');
    }
    if (class_name_ == "ReLU") return At("max_value").IsNull() ? "ReLU()" : "ReLU6()";
    if (class_name_ == "ELU") return Concat("ELU(alpha=", RealText(Real(At("alpha"))), ')');
    if (class_name_ == "Softmax") return Concat("Softmax(dim=", TorchAxis(), ')');
    if (class_name_ == "ZeroPadding2D") {
      const auto sides = At("padding").AsList();
      std::vector<int64_t> all = Numbers((*sides)[1]);  // left, right, top, bottom
      for (const int64_t side : Numbers((*sides)[0])) all.push_back(side);
      return Concat("ZeroPad2d(", OneOrTuple(all), ')');
    }
    if (class_name_ == "UpSampling2D") {
      std::string factors;
      for (const int64_t factor : Numbers(At("size"))) factors += (factors.empty() ? "(" : ", ") + Concat(factor, ".0");
      return Concat("Upsample(scale_factor=", factors, "), mode='", *At("interpolation").AsString(), "')");
    }
    if (class_name_ == "Activation") return Activation();
    return Other();
  }

 private:
  const Config& At(std::string_view key) const {
    static const Config kNone;
    const Config* found = config_.Find(key);
    return found == nullptr ? kNone : *found;
  }
  const char* Truth(std::string_view key) const {
    return At(key).AsBool() != nullptr && *At(key).AsBool() ? "True" : "False";
  }
  char Rank() const { return static_cast<char>('0' + input_.rank() - 2); }
  bool ChannelsFirst() const {
    return At("data_format").AsString() != nullptr && *At("data_format").AsString() == "channels_first";
  }
  // The axis that the layer names, from 0.
  int OwnAxis() const {
    const auto axis = static_cast<int>(Whole(At("axis")));
    return axis < 0 ? axis + input_.rank() : axis;
  }
  // The same where PyTorch has it, whose channels are the second axis.
  int TorchAxis() const {
    const int axis = OwnAxis();
    if (channels_first_ || axis == 0) return axis;
    return axis + 1 == input_.rank() ? 1 : axis + 1;
  }
  static int64_t ChannelsOf(const Shape& shape, bool first) { return first ? shape[1] : shape.back(); }
  std::vector<int64_t> Last(size_t count) const {
    const auto lengths = input_.lengths().last(count);
    return {lengths.begin(), lengths.end()};
  }

  // Of each axis, `same` and `valid` in PyTorch's terms; its text where that is no number.
  std::string PaddingText() const {
    const Config& padding = At("padding");
    if (padding.AsString() != nullptr) {
      return *padding.AsString() == "valid" ? "" : Concat(", padding=", *padding.AsString());
    }
    const std::vector<int64_t> sides = Numbers(padding);
    if (AllEqual(sides, 0)) return "";
    if (!AllEqual(sides, sides[0])) return Concat(", padding=", Tuple(sides), " on each axis");
    return ", padding=" + Tuple(std::vector<int64_t>(Numbers(At("kernel_size")).size(), sides[0]));
  }

  std::string Convolution() const {
    const bool transposed = class_name_ == "Conv2DTranspose";
    const int64_t in = ChannelsOf(input_, ChannelsFirst()), out = ChannelsOf(output_, ChannelsFirst());
    std::string text = Concat(transposed ? "ConvTranspose" : "Conv", Rank(), "d(", in, ", ", out,
                              ", kernel_size=", Tuple(Numbers(At("kernel_size"))),
                              ", stride=", Tuple(Numbers(At("strides"))), PaddingText());
    const std::vector<int64_t> dilation = Numbers(At("dilation_rate"));
    if (!AllEqual(dilation, 1)) text += ", dilation=" + Tuple(dilation);
    const int64_t groups = class_name_ == "DepthwiseConv2D" ? in : transposed ? 1 : Whole(At("groups"));
    if (groups != 1) text += Concat(", groups=", groups);
    if (At("use_bias") == Config(false)) text += ", bias=False";
    return text + ")";
  }

  std::string Pool() const {
    const std::vector<int64_t> size = Numbers(At("pool_size"));
    const std::vector<int64_t> strides = At("strides").IsNull() ? size : Numbers(At("strides"));
    const std::string padding = At("padding").AsString() != nullptr
                                    ? (*At("padding").AsString() == "valid" ? "0" : *At("padding").AsString())
                                    : OneOrTuple(Numbers(At("padding")));
    if (class_name_.starts_with("Max")) {
      return Concat("MaxPool", Rank(), "d(kernel_size=", OneOrTuple(size), ", stride=", OneOrTuple(strides),
                    ", padding=", padding, ", dilation=1, ceil_mode=False)");
    }
    return Concat("AvgPool", Rank(), "d(kernel_size=", OneOrTuple(size), ", stride=", OneOrTuple(strides),
                  ", padding=", padding, ')');
  }

  std::string GlobalPool() const {
    const std::string kind = class_name_.starts_with("GlobalMax") ? "AdaptiveMaxPool" : "AdaptiveAvgPool";
    return Concat(kind, Rank(), "d(output_size=", Rank() == '1' ? "1" : Tuple(std::vector<int64_t>(Rank() - '0', 1)),
                  ')');
  }

  // PyTorch's momentum is the share of the new, Keras' that of the old.
  std::string BatchNormalization() const {
    const std::string rank = input_.rank() <= 3 ? "1" : std::string(1, Rank());
    // Nine digits, so that 1 - 0.99 is 0.01.
    const double momentum = std::round((1 - Real(At("momentum"))) * 1e9) / 1e9;
    return Concat("BatchNorm", rank, "d(", input_[OwnAxis()], ", eps=", RealText(Real(At("epsilon"))),
                  ", momentum=", RealText(momentum), ", affine=", Truth("scale"), ", track_running_stats=True)");
  }

  std::string Activation() const {
    static const std::map<std::string, std::string, std::less<>> kModules = {
        {"linear", "Identity()"},
        {"relu", "ReLU()"},
        {"relu6", "ReLU6()"},
        {"selu", "SELU()"},
        {"sigmoid", "Sigmoid()"},
        {"tanh", "Tanh()"},
        {"softplus", "Softplus(beta=1, threshold=20)"},
        {"softsign", "Softsign()"},
        {"swish", "SiLU()"},
        {"gelu", "GELU(approximate='none')"},
        {"mish", "Mish()"},
        {"elu", "ELU(alpha=1.0)"},
        {"softmax", "Softmax(dim=1)"},
        {"log_softmax", "LogSoftmax(dim=1)"},
        {"hard_swish", "Hardswish()"},
        {"celu", "CELU(alpha=1.0)"},
        {"leaky_relu", "LeakyReLU(negative_slope=0.2)"}};
    const auto found = kModules.find(*At("activation").AsString());
    return found == kModules.end() ? Other() : found->second;
  }

  std::string Other() const {
    std::string arguments;
    for (const auto& [key, value] : *config_.AsObject()) {
      if (value.AsObject() != nullptr || value.IsNull() || key == "data_format") continue;
      arguments += Concat(arguments.empty() ? "" : ", ", key, '=', value.ToText());
    }
    return Concat(class_name_, '(', arguments, ')');
  }

  bool channels_first_;  // of the network
  std::string class_name_;
  Config config_;
  Shape input_, output_;
};

}  // namespace

std::string TorchSummaryText(const Network& network) {
  const bool channels_first =
      std::any_of(network.layers().begin(), network.layers().end(), [](const NetworkLayer& layer) {
        const Config config = layer.layer->config();
        const Config* format = config.Find("data_format");
        return format != nullptr && format->AsString() != nullptr && *format->AsString() == "channels_first";
      });
  std::string text = network.name() + "(\n";
  for (const NetworkLayer& layer : network.layers()) {
    text += Concat("  (", layer.name, "): ", Module(network, layer, channels_first).Text(), '\n');
  }
  return text + ")\n";
}

}  // namespace convscope
