// MobileNet (Howard et al. 2017) of width 1, with Keras' names. Keras pads below and to the right before a stride of 2,
// in layers of their own; that is what `same` does for pictures of even size, as all here are.
#include "convscope/base/text.h"
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {

Network MobileNetV1(const ArchitectureOptions& options) {
  std::vector<LayerPtr> layers;
  const auto normalize = [&](const std::string& name) {
    layers.push_back(BatchNormalization{.name = name + "_bn"});
    layers.push_back(ReLU{.max_value = 6, .name = name + "_relu"});
  };
  const auto convolve = [&](int64_t filters, int64_t size, int64_t stride, const std::string& name) {
    layers.push_back(Conv2D{.filters = filters,
                            .kernel_size = size,
                            .strides = stride,
                            .padding = Padding::Same(),
                            .use_bias = false,
                            .name = name});
    normalize(name);
  };
  convolve(32, 3, 2, "conv1");
  struct Block {
    int64_t filters, stride;
  };
  int number = 0;
  for (const Block& block :
       {Block{64, 1}, Block{128, 2}, Block{128, 1}, Block{256, 2}, Block{256, 1}, Block{512, 2}, Block{512, 1},
        Block{512, 1}, Block{512, 1}, Block{512, 1}, Block{512, 1}, Block{1024, 2}, Block{1024, 1}}) {
    const std::string depthwise = Concat("conv_dw_", ++number);
    layers.push_back(DepthwiseConv2D{
        .kernel_size = 3, .strides = block.stride, .padding = Padding::Same(), .use_bias = false, .name = depthwise});
    normalize(depthwise);
    convolve(block.filters, 1, 1, Concat("conv_pw_", number));
  }
  const int64_t classes = options.classes.value_or(1000);
  layers.push_back(GlobalAveragePooling2D{.keepdims = true, .name = "global_average_pooling2d"});
  layers.push_back(Dropout{.rate = 1e-3, .name = "dropout"});
  layers.push_back(Conv2D{.filters = classes, .kernel_size = 1, .padding = Padding::Same(), .name = "conv_preds"});
  layers.push_back(Reshape{.target_shape = {classes}, .name = "reshape_2"});
  layers.push_back(ActivationLayer{.activation = "softmax", .name = "predictions"});
  Sequential network(options.input.value_or(Shape{224, 224, 3}), layers, "mobilenet-v1");
  network.preprocessing = {.divisor = 127.5, .mean = {1}};  // from -1 to 1
  return network;
}

}  // namespace convscope::architectures
