// AlexNet, as the paper has it and as torchvision has it.
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {
namespace {

MaxPooling2D Pool(std::string name) {
  return {.pool_size = 3, .strides = 2, .name = std::move(name)};
}
Dense Units(int64_t units, std::string name) {
  return {.units = units, .activation = "relu", .name = std::move(name)};
}

// The paper's k = 2, n = 5, alpha = 1e-4, beta = 0.75; its alpha is not divided by n, ours is.
LocalResponseNormalization Normalize(std::string name) {
  return {.size = 5, .alpha = 5e-4, .beta = 0.75, .bias = 2, .name = std::move(name)};
}

Conv2D Conv(int64_t filters, int64_t size, int64_t groups, std::string name) {
  return {.filters = filters,
          .kernel_size = size,
          .padding = Padding::Same(),
          .groups = groups,
          .activation = "relu",
          .name = std::move(name)};
}

}  // namespace

Preprocessing TorchImageNet(const ArchitectureOptions& options) {
  // Of pictures that are not of three colours the mean over the three: their numbers are of grey.
  if (options.input && options.input->back() != 3) return {.divisor = 255, .mean = {0.449}, .deviation = {0.226}};
  return {.divisor = 255, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}};
}

// Krizhevsky, Sutskever and Hinton 2012. Groups are the halves that the paper puts on two GPUs; 227 is the size of
// picture that its layers add up for.
Network AlexNet(const ArchitectureOptions& options) {
  return Sequential(options.input.value_or(Shape{227, 227, 3}),
                    {Conv2D{.filters = 96, .kernel_size = 11, .strides = 4, .activation = "relu", .name = "conv1"},
                     Normalize("norm1"), Pool("pool1"), Conv(256, 5, 2, "conv2"), Normalize("norm2"), Pool("pool2"),
                     Conv(384, 3, 1, "conv3"), Conv(384, 3, 2, "conv4"), Conv(256, 3, 2, "conv5"), Pool("pool5"),
                     Flatten{.name = "flatten"}, Units(4096, "fc6"), Dropout{.rate = 0.5, .name = "drop6"},
                     Units(4096, "fc7"), Dropout{.rate = 0.5, .name = "drop7"},
                     Dense{.units = options.classes.value_or(1000), .activation = "softmax", .name = "fc8"}},
                    "alexnet");
}

// Krizhevsky 2014, without normalization and groups. torchvision pools to 6 x 6 before the dense layers, which is what
// pictures of 224 have there already.
Network AlexNetTorch(const ArchitectureOptions& options) {
  Sequential network(
      options.input.value_or(Shape{224, 224, 3}),
      {Conv2D{.filters = 64,
              .kernel_size = 11,
              .strides = 4,
              .padding = Padding::Explicit(2, 2),
              .activation = "relu",
              .name = "conv1"},
       Pool("pool1"), Conv(192, 5, 1, "conv2"), Pool("pool2"), Conv(384, 3, 1, "conv3"), Conv(256, 3, 1, "conv4"),
       Conv(256, 3, 1, "conv5"), Pool("pool5"), Flatten{.name = "flatten"}, Dropout{.rate = 0.5, .name = "drop6"},
       Units(4096, "fc6"), Dropout{.rate = 0.5, .name = "drop7"}, Units(4096, "fc7"),
       Dense{.units = options.classes.value_or(1000), .activation = "softmax", .name = "fc8"}},
      "alexnet-torch");
  network.preprocessing = TorchImageNet(options);
  return network;
}

}  // namespace convscope::architectures
