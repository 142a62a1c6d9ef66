// Layers that convolve: Conv1D, Conv2D, Conv3D, DepthwiseConv2D, SeparableConv2D and Conv2DTranspose, with Keras'
// names, arguments and defaults. "Convolution" is cross-correlation, as in every framework.
//
//   Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu", .name = "conv_layer_1"}
//
// Inputs are (N, spatial..., C), or (N, C, spatial...) where data_format says so. `padding` is Padding::Valid() or
// Padding::Same(); Padding::Explicit(before, after) of every axis is more than Keras has, and is written for it as a
// ZeroPadding2D before the layer.
#ifndef CONVSCOPE_NN_CONVOLUTION_LAYERS_H_
#define CONVSCOPE_NN_CONVOLUTION_LAYERS_H_

#include <cstdint>
#include <string>

#include "convscope/kernels/window.h"
#include "convscope/nn/layer.h"

namespace convscope {

// Parameters NAME/kernel (kernel_size..., C / groups, filters) and NAME/bias (filters,); output
// (N, out spatial..., filters).
template <int rank>
struct ConvLayer {
  int64_t filters = 0;
  PerAxis<rank> kernel_size = {};
  PerAxis<rank> strides = 1;
  Padding padding = Padding::Valid();
  DataFormat data_format = DataFormat::kChannelsLast;
  PerAxis<rank> dilation_rate = 1;
  int64_t groups = 1;
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform{};
  Initializer bias_initializer = Zeros{};
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  // of the output
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;  // not explicit: the arguments stand for the layer
};
using Conv1D = ConvLayer<1>;
using Conv2D = ConvLayer<2>;
using Conv3D = ConvLayer<3>;

// Each channel with depth_multiplier kernels of its own. Parameters NAME/kernel (rows, columns, 1, C *
// depth_multiplier), for Keras (rows, columns, C, depth_multiplier), and NAME/bias (C * depth_multiplier,).
struct DepthwiseConv2D {
  PerAxis<2> kernel_size = {};
  PerAxis<2> strides = 1;
  Padding padding = Padding::Valid();
  int64_t depth_multiplier = 1;
  DataFormat data_format = DataFormat::kChannelsLast;
  PerAxis<2> dilation_rate = 1;
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = GlorotUniform{};
  Initializer bias_initializer = Zeros{};
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

// A depthwise convolution, then one of 1 x 1. Parameters NAME/depthwise_kernel as above, NAME/pointwise_kernel (1, 1, C
// * depth_multiplier, filters) and NAME/bias (filters,); NAME/depthwise is the tensor in between.
struct SeparableConv2D {
  int64_t filters = 0;
  PerAxis<2> kernel_size = {};
  PerAxis<2> strides = 1;
  Padding padding = Padding::Valid();
  DataFormat data_format = DataFormat::kChannelsLast;
  PerAxis<2> dilation_rate = 1;
  int64_t depth_multiplier = 1;
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = GlorotUniform{};
  Initializer pointwise_initializer = GlorotUniform{};
  Initializer bias_initializer = Zeros{};
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

// The transpose of a convolution. Parameters NAME/kernel (rows, columns, filters, C) and NAME/bias (filters,).
struct Conv2DTranspose {
  int64_t filters = 0;
  PerAxis<2> kernel_size = {};
  PerAxis<2> strides = 1;
  Padding padding = Padding::Valid();
  PerAxis<2> output_padding = {};  // not given: in * stride for same, in * stride + max(extent - stride, 0) for valid
  DataFormat data_format = DataFormat::kChannelsLast;
  PerAxis<2> dilation_rate = 1;
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform{};
  Initializer bias_initializer = Zeros{};
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_CONVOLUTION_LAYERS_H_
