#include "convscope/nn/convolution_layers.h"

#include <array>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {
namespace {

void ExpectAtLeastOne(const char* what, int64_t value) {
  if (value < 1) throw Error({.rule = Concat(what, " is at least 1"), .received = std::to_string(value)});
}

template <int rank>
void CheckKernelSize(const PerAxis<rank>& size) {
  if (!size.given()) throw Error({.rule = "kernel_size must be given", .received = "none"});
  for (const int64_t length : size.values()) ExpectAtLeastOne("kernel_size", length);
}

Shape KernelShape(std::vector<int64_t> size, int64_t from, int64_t to) {
  size.push_back(from);
  size.push_back(to);
  return Shape(size);
}

// Keras knows no padding of each side; of one axis it calls (dilation * (size - 1), 0) causal.
void PaddingField(Conv1D& layer, internal::FieldReader& field) {
  std::string text;
  try {
    field("padding", layer.padding);
  } catch (const Error&) {
    field("padding", text);
    if (text != "causal") throw;
    layer.padding = Padding::Explicit(layer.dilation_rate[0] * (layer.kernel_size[0] - 1), 0);
  }
}
void PaddingField(const Conv1D& layer, internal::FieldWriter& field) {
  const bool causal = layer.padding == Padding::Explicit(layer.dilation_rate[0] * (layer.kernel_size[0] - 1), 0);
  causal ? field("padding", std::string("causal")) : field("padding", layer.padding);
}
void PaddingField(auto& layer, auto& field) {
  field("padding", layer.padding);
}

// What the layers share after what sets them apart; Keras' order.
void BiasFields(auto& layer, auto& field) {
  field("bias_initializer", layer.bias_initializer);
  field("bias_regularizer", layer.bias_regularizer);
  field("activity_regularizer", layer.activity_regularizer);
  field("bias_constraint", layer.bias_constraint);
}
void KernelFields(auto& layer, auto& field) {
  field("kernel_initializer", layer.kernel_initializer);
  field("kernel_regularizer", layer.kernel_regularizer);
  field("kernel_constraint", layer.kernel_constraint);
}
void DepthwiseFields(auto& layer, auto& field) {
  field("depth_multiplier", layer.depth_multiplier);
  field("depthwise_initializer", layer.depthwise_initializer);
  field("depthwise_regularizer", layer.depthwise_regularizer);
  field("depthwise_constraint", layer.depthwise_constraint);
}

// Appends the bias to the inputs of a node.
void AddBias(const auto& layer, int64_t filters, LayerCall& call, std::vector<std::string>& inputs) {
  if (!layer.use_bias) return;
  inputs.push_back(call.Parameter("bias", {filters},
                                  {.initializer = layer.bias_initializer,
                                   .regularizer = layer.bias_regularizer,
                                   .constraint = layer.bias_constraint}));
}

ConvOp ConvolutionOf(const auto& layer, int64_t groups) {
  return {.strides = layer.strides.values(),
          .dilations = layer.dilation_rate.values(),
          .padding = {layer.padding},
          .groups = groups};
}

// The kernels of a depthwise convolution of `channels` channels.
std::string DepthwiseKernel(const auto& layer, std::string_view name, int64_t channels, LayerCall& call) {
  CheckKernelSize(layer.kernel_size);
  ExpectAtLeastOne("depth_multiplier", layer.depth_multiplier);
  return call.Parameter(name, KernelShape(layer.kernel_size.values(), 1, channels * layer.depth_multiplier),
                        {.initializer = layer.depthwise_initializer,
                         .regularizer = layer.depthwise_regularizer,
                         .constraint = layer.depthwise_constraint,
                         .keras_shape = KernelShape(layer.kernel_size.values(), channels, layer.depth_multiplier)});
}

}  // namespace

template <int rank>
struct internal::LayerTraits<ConvLayer<rank>> {
  static constexpr std::string_view kName = std::array{"Conv1D", "Conv2D", "Conv3D"}[rank - 1];

  static void Fields(auto& layer, auto& field) {
    field("filters", layer.filters);
    field("kernel_size", layer.kernel_size);
    field("strides", layer.strides);
    field("dilation_rate", layer.dilation_rate);
    PaddingField(layer, field);
    field("data_format", layer.data_format);
    field("groups", layer.groups);
    field("activation", layer.activation);
    field("use_bias", layer.use_bias);
    KernelFields(layer, field);
    BiasFields(layer, field);
  }

  static std::string Call(const ConvLayer<rank>& layer, LayerCall& call) {
    call.ExpectRank(rank + 2);
    ExpectAtLeastOne("filters", layer.filters);
    ExpectAtLeastOne("groups", layer.groups);
    CheckKernelSize(layer.kernel_size);
    const std::string input = call.ChannelsLast(layer.data_format);
    const int64_t channels = call.ShapeOf(input).back();
    if (channels % layer.groups != 0 || layer.filters % layer.groups != 0) {
      throw Error({.rule = Concat("groups divides the ", channels, " channels and the ", layer.filters, " filters"),
                   .received = std::to_string(layer.groups)});
    }
    const Shape kernel = KernelShape(layer.kernel_size.values(), channels / layer.groups, layer.filters);
    std::vector<std::string> inputs = {input, call.Parameter("kernel", kernel,
                                                             {.initializer = layer.kernel_initializer,
                                                              .regularizer = layer.kernel_regularizer,
                                                              .constraint = layer.kernel_constraint})};
    AddBias(layer, layer.filters, call, inputs);
    return call.Finish(ConvolutionOf(layer, layer.groups), inputs, layer.activation.value);
  }
};

template <>
struct internal::LayerTraits<DepthwiseConv2D> {
  static constexpr std::string_view kName = "DepthwiseConv2D";

  static void Fields(auto& layer, auto& field) {
    field("kernel_size", layer.kernel_size);
    field("strides", layer.strides);
    field("padding", layer.padding);
    field("data_format", layer.data_format);
    field("dilation_rate", layer.dilation_rate);
    field("activation", layer.activation);
    field("use_bias", layer.use_bias);
    DepthwiseFields(layer, field);
    BiasFields(layer, field);
  }

  static std::string Call(const DepthwiseConv2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    const std::string input = call.ChannelsLast(layer.data_format);
    const int64_t channels = call.ShapeOf(input).back();
    std::vector<std::string> inputs = {input, DepthwiseKernel(layer, "kernel", channels, call)};
    AddBias(layer, channels * layer.depth_multiplier, call, inputs);
    return call.Finish(ConvolutionOf(layer, channels), inputs, layer.activation.value);
  }
};

template <>
struct internal::LayerTraits<SeparableConv2D> {
  static constexpr std::string_view kName = "SeparableConv2D";

  static void Fields(auto& layer, auto& field) {
    field("filters", layer.filters);
    field("kernel_size", layer.kernel_size);
    field("strides", layer.strides);
    field("padding", layer.padding);
    field("data_format", layer.data_format);
    field("dilation_rate", layer.dilation_rate);
    field("activation", layer.activation);
    field("use_bias", layer.use_bias);
    DepthwiseFields(layer, field);
    field("pointwise_initializer", layer.pointwise_initializer);
    field("pointwise_regularizer", layer.pointwise_regularizer);
    field("pointwise_constraint", layer.pointwise_constraint);
    BiasFields(layer, field);
  }

  static std::string Call(const SeparableConv2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    ExpectAtLeastOne("filters", layer.filters);
    const std::string input = call.ChannelsLast(layer.data_format);
    const int64_t channels = call.ShapeOf(input).back();
    const std::string kernel = DepthwiseKernel(layer, "depthwise_kernel", channels, call);
    const std::string between = call.Add("depthwise", ConvolutionOf(layer, channels), {input, kernel});
    std::vector<std::string> inputs = {
        between, call.Parameter("pointwise_kernel", {1, 1, channels * layer.depth_multiplier, layer.filters},
                                {.initializer = layer.pointwise_initializer,
                                 .regularizer = layer.pointwise_regularizer,
                                 .constraint = layer.pointwise_constraint})};
    AddBias(layer, layer.filters, call, inputs);
    return call.Finish(ConvOp{}, inputs, layer.activation.value);
  }
};

template <>
struct internal::LayerTraits<Conv2DTranspose> {
  static constexpr std::string_view kName = "Conv2DTranspose";

  static void Fields(auto& layer, auto& field) {
    field("filters", layer.filters);
    field("kernel_size", layer.kernel_size);
    field("strides", layer.strides);
    field("dilation_rate", layer.dilation_rate);
    field("padding", layer.padding);
    field("output_padding", layer.output_padding);
    field("data_format", layer.data_format);
    field("activation", layer.activation);
    field("use_bias", layer.use_bias);
    KernelFields(layer, field);
    BiasFields(layer, field);
  }

  static std::string Call(const Conv2DTranspose& layer, LayerCall& call) {
    call.ExpectRank(4);
    ExpectAtLeastOne("filters", layer.filters);
    CheckKernelSize(layer.kernel_size);
    const std::string input = call.ChannelsLast(layer.data_format);
    const Shape kernel = KernelShape(layer.kernel_size.values(), layer.filters, call.ShapeOf(input).back());
    std::vector<std::string> inputs = {input, call.Parameter("kernel", kernel,
                                                             {.initializer = layer.kernel_initializer,
                                                              .regularizer = layer.kernel_regularizer,
                                                              .constraint = layer.kernel_constraint})};
    AddBias(layer, layer.filters, call, inputs);
    const ConvTransposeOp operation{.strides = layer.strides.values(),
                                    .dilations = layer.dilation_rate.values(),
                                    .padding = {layer.padding},
                                    .output_padding = layer.output_padding.values()};
    return call.Finish(operation, inputs, layer.activation.value);
  }
};

template <int rank>
ConvLayer<rank>::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
template struct ConvLayer<1>;
template struct ConvLayer<2>;
template struct ConvLayer<3>;
DepthwiseConv2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
SeparableConv2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Conv2DTranspose::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::ConvolutionLayers() {
  static constexpr std::array kClasses = {ClassOf<Conv1D>(),          ClassOf<Conv2D>(),
                                          ClassOf<Conv3D>(),          ClassOf<DepthwiseConv2D>(),
                                          ClassOf<SeparableConv2D>(), ClassOf<Conv2DTranspose>()};
  return kClasses;
}

}  // namespace convscope
