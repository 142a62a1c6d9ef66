#include "convscope/nn/dense_layer.h"

#include <array>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {

template <>
struct internal::LayerTraits<Dense> {
  static constexpr std::string_view kName = "Dense";

  static void Fields(auto& layer, auto& field) {
    field("units", layer.units);
    field("activation", layer.activation);
    field("use_bias", layer.use_bias);
    field("kernel_initializer", layer.kernel_initializer);
    field("bias_initializer", layer.bias_initializer);
    field("kernel_regularizer", layer.kernel_regularizer);
    field("bias_regularizer", layer.bias_regularizer);
    field("activity_regularizer", layer.activity_regularizer);
    field("kernel_constraint", layer.kernel_constraint);
    field("bias_constraint", layer.bias_constraint);
  }

  static std::string Call(const Dense& layer, LayerCall& call) {
    call.ExpectOneInput();
    if (call.input_shape().rank() < 2) {
      throw Error({.rule = "the input has an axis beside the batch", .received = call.input_shape().ToString()});
    }
    if (layer.units < 1) throw Error({.rule = "units is at least 1", .received = std::to_string(layer.units)});
    std::vector<std::string> inputs = {call.input(), call.Parameter("kernel", {call.input_shape().back(), layer.units},
                                                                    {.initializer = layer.kernel_initializer,
                                                                     .regularizer = layer.kernel_regularizer,
                                                                     .constraint = layer.kernel_constraint})};
    if (layer.use_bias) {
      inputs.push_back(call.Parameter("bias", {layer.units},
                                      {.initializer = layer.bias_initializer,
                                       .regularizer = layer.bias_regularizer,
                                       .constraint = layer.bias_constraint}));
    }
    return call.Finish(DenseOp{}, inputs, layer.activation.value);
  }
};

Dense::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::DenseLayers() {
  static constexpr std::array kClasses = {ClassOf<Dense>()};
  return kClasses;
}

}  // namespace convscope
