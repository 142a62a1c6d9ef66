// VGG-16 (configuration D of Simonyan and Zisserman 2014), with Keras' names.
#include "convscope/base/text.h"
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {

Network Vgg16(const ArchitectureOptions& options) {
  struct Block {
    int64_t convolutions, filters;
  };
  std::vector<LayerPtr> layers;
  int number = 0;
  for (const Block& block : {Block{2, 64}, Block{2, 128}, Block{3, 256}, Block{3, 512}, Block{3, 512}}) {
    const std::string name = Concat("block", ++number);
    for (int64_t i = 1; i <= block.convolutions; ++i) {
      layers.push_back(Conv2D{.filters = block.filters,
                              .kernel_size = 3,
                              .padding = Padding::Same(),
                              .activation = "relu",
                              .name = Concat(name, "_conv", i)});
    }
    layers.push_back(MaxPooling2D{.pool_size = 2, .name = name + "_pool"});
  }
  layers.push_back(Flatten{.name = "flatten"});
  layers.push_back(Dense{.units = 4096, .activation = "relu", .name = "fc1"});
  layers.push_back(Dense{.units = 4096, .activation = "relu", .name = "fc2"});
  layers.push_back(Dense{.units = options.classes.value_or(1000), .activation = "softmax", .name = "predictions"});
  Sequential network(options.input.value_or(Shape{224, 224, 3}), layers, "vgg16");
  network.preprocessing = TorchImageNet(options);
  return network;
}

}  // namespace convscope::architectures
