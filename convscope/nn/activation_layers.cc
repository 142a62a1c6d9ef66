#include "convscope/nn/activation_layers.h"

#include <array>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {
namespace {

Activation LeakyRelu(double slope) {
  return {.kind = ActivationKind::kLeakyRelu, .alpha = static_cast<float>(slope)};
}

std::string Activate(const Activation& activation, LayerCall& call) {
  call.ExpectOneInput();
  return call.Finish(ActivationOp{activation}, {call.input()});
}

}  // namespace

template <>
struct internal::LayerTraits<ActivationLayer> {
  static constexpr std::string_view kName = "Activation";
  static void Fields(auto& layer, auto& field) { field("activation", layer.activation); }
  static std::string Call(const ActivationLayer& layer, LayerCall& call) {
    return Activate(layer.activation.value, call);
  }
};

template <>
struct internal::LayerTraits<ReLU> {
  static constexpr std::string_view kName = "ReLU";
  static void Fields(auto& layer, auto& field) {
    field("max_value", layer.max_value);
    field("negative_slope", layer.negative_slope);
    double threshold = 0;  // the only one that there is here
    field("threshold", threshold);
    if (threshold != 0) {
      throw Error({.where = "threshold", .rule = "a ReLU bends at 0", .received = ShortestText(threshold)});
    }
  }
  static std::string Call(const ReLU& layer, LayerCall& call) {
    if (layer.max_value && (*layer.max_value != 6 || layer.negative_slope != 0)) {
      throw Error({.rule = "max_value is none, or 6 with a negative_slope of 0",
                   .received = Concat("max_value ", ShortestText(*layer.max_value), ", negative_slope ",
                                      ShortestText(layer.negative_slope))});
    }
    if (layer.max_value) return Activate({.kind = ActivationKind::kRelu6}, call);
    return Activate(
        layer.negative_slope == 0 ? Activation{.kind = ActivationKind::kRelu} : LeakyRelu(layer.negative_slope), call);
  }
};

template <>
struct internal::LayerTraits<LeakyReLU> {
  static constexpr std::string_view kName = "LeakyReLU";
  static void Fields(auto& layer, auto& field) { field("negative_slope", layer.negative_slope, "alpha"); }
  static std::string Call(const LeakyReLU& layer, LayerCall& call) {
    return Activate(LeakyRelu(layer.negative_slope), call);
  }
};

template <>
struct internal::LayerTraits<PReLU> {
  static constexpr std::string_view kName = "PReLU";
  static void Fields(auto& layer, auto& field) {
    field("alpha_initializer", layer.alpha_initializer);
    field("alpha_regularizer", layer.alpha_regularizer);
    field("alpha_constraint", layer.alpha_constraint);
    field("shared_axes", layer.shared_axes);
  }
  static std::string Call(const PReLU& layer, LayerCall& call) {
    call.ExpectOneInput();
    const auto lengths = call.input_shape().lengths();
    std::vector<int64_t> shape(lengths.begin() + 1, lengths.end());
    for (const int64_t axis : layer.shared_axes) {
      if (axis < 1 || axis > static_cast<int64_t>(shape.size())) {
        throw Error({.rule = Concat("shared_axes are among the ", shape.size(), " axes of a sample, from 1"),
                     .received = std::to_string(axis)});
      }
      shape[static_cast<size_t>(axis - 1)] = 1;
    }
    const std::string alpha = call.Parameter("alpha", Shape(shape),
                                             {.initializer = layer.alpha_initializer,
                                              .regularizer = layer.alpha_regularizer,
                                              .constraint = layer.alpha_constraint});
    return call.Finish(PReluOp{}, {call.input(), alpha});
  }
};

template <>
struct internal::LayerTraits<ELU> {
  static constexpr std::string_view kName = "ELU";
  static void Fields(auto& layer, auto& field) { field("alpha", layer.alpha); }
  static std::string Call(const ELU& layer, LayerCall& call) {
    return Activate({.kind = ActivationKind::kElu, .alpha = static_cast<float>(layer.alpha)}, call);
  }
};

template <>
struct internal::LayerTraits<Softmax> {
  static constexpr std::string_view kName = "Softmax";
  static void Fields(auto& layer, auto& field) { field("axis", layer.axis); }
  static std::string Call(const Softmax& layer, LayerCall& call) {
    call.ExpectOneInput();
    return call.Finish(ActivationOp{{.kind = ActivationKind::kSoftmax}}, {call.AxisLast(layer.axis)});
  }
};

ActivationLayer::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
ReLU::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
LeakyReLU::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
PReLU::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
ELU::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Softmax::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::ActivationLayers() {
  static constexpr std::array kClasses = {ClassOf<ActivationLayer>(), ClassOf<ReLU>(), ClassOf<LeakyReLU>(),
                                          ClassOf<PReLU>(),           ClassOf<ELU>(),  ClassOf<Softmax>()};
  return kClasses;
}

}  // namespace convscope
