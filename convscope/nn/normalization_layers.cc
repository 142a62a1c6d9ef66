#include "convscope/nn/normalization_layers.h"

#include <array>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/normalization_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/nn/internal/frozen_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {
namespace {

void ScaleAndCenterFields(auto& layer, auto& field) {
  field("epsilon", layer.epsilon);
  field("center", layer.center);
  field("scale", layer.scale);
  field("beta_initializer", layer.beta_initializer);
  field("gamma_initializer", layer.gamma_initializer);
  field("beta_regularizer", layer.beta_regularizer);
  field("gamma_regularizer", layer.gamma_regularizer);
  field("beta_constraint", layer.beta_constraint);
  field("gamma_constraint", layer.gamma_constraint);
}

void AddGammaAndBeta(const auto& layer, const Shape& shape, LayerCall& call, std::vector<std::string>& inputs) {
  if (layer.scale) {
    inputs.push_back(call.Parameter("gamma", shape,
                                    {.initializer = layer.gamma_initializer,
                                     .regularizer = layer.gamma_regularizer,
                                     .constraint = layer.gamma_constraint}));
  }
  if (layer.center) {
    inputs.push_back(call.Parameter("beta", shape,
                                    {.initializer = layer.beta_initializer,
                                     .regularizer = layer.beta_regularizer,
                                     .constraint = layer.beta_constraint}));
  }
}

// What a Normalization starts from: its numbers, one for all channels or one each.
Initializer FromNumbers(const std::vector<double>& numbers, int64_t channels, double otherwise, const char* what) {
  if (numbers.empty()) return Constant{otherwise};
  if (numbers.size() == 1) return Constant{numbers[0]};
  if (static_cast<int64_t>(numbers.size()) != channels) {
    throw Error({.rule = Concat(what, " has one number, or one for each of the ", channels, " channels"),
                 .received = std::to_string(numbers.size())});
  }
  const std::vector<float> floats(numbers.begin(), numbers.end());
  return FromArray{Share(Tensor::Of({channels}, floats))};
}

}  // namespace

template <>
struct internal::LayerTraits<BatchNormalization> {
  static constexpr std::string_view kName = "BatchNormalization";
  static void Fields(auto& layer, auto& field) {
    field("axis", layer.axis);
    field("momentum", layer.momentum);
    ScaleAndCenterFields(layer, field);
    field("moving_mean_initializer", layer.moving_mean_initializer);
    field("moving_variance_initializer", layer.moving_variance_initializer);
  }

  static std::string Call(const BatchNormalization& layer, LayerCall& call) {
    call.ExpectOneInput();
    std::vector<std::string> inputs = {call.AxisLast(layer.axis)};
    const Shape channels{call.ShapeOf(inputs[0]).back()};
    AddGammaAndBeta(layer, channels, call, inputs);
    inputs.push_back(
        call.Parameter("moving_mean", channels, {.initializer = layer.moving_mean_initializer, .trainable = false}));
    inputs.push_back(call.Parameter("moving_variance", channels,
                                    {.initializer = layer.moving_variance_initializer, .trainable = false}));
    OperationPtr operation = BatchNormalizationOp{
        .epsilon = layer.epsilon, .momentum = layer.momentum, .center = layer.center, .scale = layer.scale};
    if (!layer.trainable) operation = std::make_shared<FrozenOperation>(operation);
    return call.Finish(operation, inputs);
  }
};

template <>
struct internal::LayerTraits<LayerNormalization> {
  static constexpr std::string_view kName = "LayerNormalization";
  static void Fields(auto& layer, auto& field) {
    field("axis", layer.axis);
    ScaleAndCenterFields(layer, field);
  }

  static std::string Call(const LayerNormalization& layer, LayerCall& call) {
    call.ExpectOneInput();
    const Shape& input = call.input_shape();
    const auto count = static_cast<int64_t>(layer.axis.size());
    for (int64_t i = 0; i < count; ++i) {
      const int64_t axis = layer.axis[static_cast<size_t>(i)];
      if ((axis < 0 ? axis + input.rank() : axis) != input.rank() - count + i || count >= input.rank()) {
        throw Error({.rule = Concat("axis names the last axes of the input ", input.ToString(),
                                    ", in order and without the batch"),
                     .received = internal::ToConfig(layer.axis).ToText()});
      }
    }
    if (count == 0) throw Error({.rule = "axis names at least one axis", .received = "none"});
    std::vector<std::string> inputs = {call.input()};
    AddGammaAndBeta(layer, Shape(input.lengths().last(static_cast<size_t>(count))), call, inputs);
    return call.Finish(
        LayerNormalizationOp{.axis = -count, .epsilon = layer.epsilon, .center = layer.center, .scale = layer.scale},
        inputs);
  }
};

template <>
struct internal::LayerTraits<LocalResponseNormalization> {
  static constexpr std::string_view kName = "LocalResponseNormalization";
  static void Fields(auto& layer, auto& field) {
    field("size", layer.size);
    field("alpha", layer.alpha);
    field("beta", layer.beta);
    field("bias", layer.bias);
  }

  static std::string Call(const LocalResponseNormalization& layer, LayerCall& call) {
    call.ExpectOneInput();
    const LocalResponseNormalizationOp operation{
        .size = layer.size, .alpha = layer.alpha, .beta = layer.beta, .bias = layer.bias};
    return call.Finish(operation, {call.input()});
  }
};

template <>
struct internal::LayerTraits<Normalization> {
  static constexpr std::string_view kName = "Normalization";
  static void Fields(auto& layer, auto& field) {
    field("axis", layer.axis);
    field("mean", layer.mean);
    field("variance", layer.variance);
  }

  static std::string Call(const Normalization& layer, LayerCall& call) {
    call.ExpectOneInput();
    if (layer.axis != -1 && layer.axis != call.input_shape().rank() - 1) {
      throw Error({.where = "axis",
                   .rule = Concat("each channel is normalized, axis -1 of ", call.input_shape().ToString()),
                   .received = Concat(layer.axis)});
    }
    const int64_t channels = call.input_shape().back();
    const Initializer mean = FromNumbers(layer.mean, channels, 0, "mean");
    const Initializer variance = FromNumbers(layer.variance, channels, 1, "variance");
    const std::vector<std::string> inputs = {
        call.input(), call.Parameter("mean", {channels}, {.initializer = mean, .trainable = false}),
        call.Parameter("variance", {channels}, {.initializer = variance, .trainable = false})};
    return call.Finish(NormalizationOp{}, inputs);
  }
};

template <>
struct internal::LayerTraits<Rescaling> {
  static constexpr std::string_view kName = "Rescaling";
  static void Fields(auto& layer, auto& field) {
    field("scale", layer.scale);
    field("offset", layer.offset);
  }

  static std::string Call(const Rescaling& layer, LayerCall& call) {
    call.ExpectOneInput();
    return call.Finish(ScaleOp{.scale = layer.scale, .offset = layer.offset}, {call.input()});
  }
};

bool IsToldNormalization(const Layer& layer) {
  if (layer.class_name() != internal::LayerTraits<Normalization>::kName) return false;
  const Config config = layer.config();
  const Config* const mean = config.Find("mean");
  return mean != nullptr && !mean->IsNull();
}

BatchNormalization::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
LayerNormalization::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
LocalResponseNormalization::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Normalization::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Rescaling::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::NormalizationLayers() {
  static constexpr std::array kClasses = {ClassOf<BatchNormalization>(), ClassOf<LayerNormalization>(),
                                          ClassOf<LocalResponseNormalization>(), ClassOf<Normalization>(),
                                          ClassOf<Rescaling>()};
  return kClasses;
}

}  // namespace convscope
