// ResNet-18 (He, Zhang, Ren and Sun 2015), as torchvision has it: its names with '/' between their parts, its explicit
// padding, its batch normalization.
#include "convscope/base/text.h"
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {
namespace {

Conv2D Conv(int64_t filters, int64_t size, int64_t stride, std::string name) {
  return {.filters = filters,
          .kernel_size = size,
          .strides = stride,
          .padding = Padding::Explicit(size / 2, size / 2),
          .use_bias = false,
          .kernel_initializer = VarianceScaling{.scale = 2,
                                                .mode = VarianceScaling::Mode::kFanOut,
                                                .distribution = VarianceScaling::Distribution::kUntruncatedNormal},
          .name = std::move(name)};
}

// PyTorch's momentum of 0.1 is the share of the new.
BatchNormalization Normalize(std::string name) {
  return {.momentum = 0.9, .epsilon = 1e-5, .name = std::move(name)};
}

std::string Block(NetworkBuilder& builder, const std::string& input, int64_t filters, int64_t stride,
                  const std::string& name) {
  std::string x = builder.Call(Conv(filters, 3, stride, name + "/conv1"), input);
  x = builder.Call(Normalize(name + "/bn1"), x);
  x = builder.Call(ActivationLayer{.activation = "relu", .name = name + "/relu1"}, x);
  x = builder.Call(Conv(filters, 3, 1, name + "/conv2"), x);
  x = builder.Call(Normalize(name + "/bn2"), x);
  std::string shortcut = input;
  if (stride != 1) {
    shortcut = builder.Call(Conv(filters, 1, stride, name + "/downsample/0"), shortcut);
    shortcut = builder.Call(Normalize(name + "/downsample/1"), shortcut);
  }
  x = builder.Call(Add{.name = name + "/add"}, {x, shortcut});
  return builder.Call(ActivationLayer{.activation = "relu", .name = name + "/relu2"}, x);
}

}  // namespace

Network ResNet18(const ArchitectureOptions& options) {
  NetworkBuilder builder("resnet18");
  std::string x = builder.Input(options.input.value_or(Shape{224, 224, 3}));
  x = builder.Call(Conv(64, 7, 2, "conv1"), x);
  x = builder.Call(Normalize("bn1"), x);
  x = builder.Call(ActivationLayer{.activation = "relu", .name = "relu"}, x);
  // Behind a ReLU a padding of zeroes changes no maximum.
  x = builder.Call(ZeroPadding2D{.padding = 1, .name = "maxpool_pad"}, x);
  x = builder.Call(MaxPooling2D{.pool_size = 3, .strides = 2, .name = "maxpool"}, x);
  int64_t filters = 64;
  for (int layer = 1; layer <= 4; ++layer, filters *= 2) {
    x = Block(builder, x, filters, layer == 1 ? 1 : 2, Concat("layer", layer, "/0"));
    x = Block(builder, x, filters, 1, Concat("layer", layer, "/1"));
  }
  x = builder.Call(GlobalAveragePooling2D{.name = "avgpool"}, x);
  x = builder.Call(Dense{.units = options.classes.value_or(1000), .activation = "softmax", .name = "fc"}, x);
  Network network = builder.Build({x});
  network.preprocessing = TorchImageNet(options);
  return network;
}

}  // namespace convscope::architectures
