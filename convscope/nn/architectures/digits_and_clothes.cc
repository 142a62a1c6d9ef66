// The small networks, for pictures of 28 x 28: digits and clothes.
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {
namespace {

Shape InputOf(const ArchitectureOptions& options) {
  return options.input.value_or(Shape{28, 28, 1});
}
int64_t ClassesOf(const ArchitectureOptions& options) {
  return options.classes.value_or(10);
}

}  // namespace

std::vector<std::string> DigitNames(int64_t classes) {
  if (classes != 10) return {};
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

std::vector<std::string> FashionNames(int64_t classes) {
  if (classes != 10) return {};
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
}

// The dense layer and the dropout stand after two layers of a convolution and a pool, each in a scope of its own. The
// last layer starts from zeroes, as a logistic regression may.
Network LeNet(const ArchitectureOptions& options) {
  const int64_t classes = ClassesOf(options);
  Sequential network(
      InputOf(options),
      {Conv2D{.filters = 4, .kernel_size = 5, .padding = Padding::Same(), .activation = "tanh", .name = "layer1/conv"},
       MaxPooling2D{.pool_size = 2, .padding = Padding::Same(), .name = "layer1/pool"},
       Conv2D{.filters = 6, .kernel_size = 5, .padding = Padding::Same(), .activation = "tanh", .name = "layer2/conv"},
       MaxPooling2D{.pool_size = 2, .padding = Padding::Same(), .name = "layer2/pool"},
       Flatten{.name = "layer2/flatten"}, Dense{.units = 1024, .activation = "tanh", .name = "dense"},
       Dropout{.rate = 0.5, .name = "dropout"},
       Dense{.units = classes, .activation = "softmax", .kernel_initializer = Zeros{}, .name = "logistic_regression"}},
      "lenet");
  network.class_names = DigitNames(classes);
  return network;
}

// The paper's pictures are 32 x 32; padding the first convolution of 28 x 28 comes to the same. Each of its 16 filters
// in the middle sees all 6 maps, where the paper leaves some out, and its subsampling has no parameters.
Network LeNet5(const ArchitectureOptions& options) {
  const int64_t classes = ClassesOf(options);
  Sequential network(
      InputOf(options),
      {Conv2D{.filters = 6, .kernel_size = 5, .padding = Padding::Same(), .activation = "tanh", .name = "c1"},
       AveragePooling2D{.pool_size = 2, .name = "s2"},
       Conv2D{.filters = 16, .kernel_size = 5, .activation = "tanh", .name = "c3"},
       AveragePooling2D{.pool_size = 2, .name = "s4"}, Flatten{.name = "flatten"},
       Dense{.units = 120, .activation = "tanh", .name = "c5"}, Dense{.units = 84, .activation = "tanh", .name = "f6"},
       Dense{.units = classes, .activation = "softmax", .name = "output"}},
      "lenet-5");
  network.class_names = DigitNames(classes);
  return network;
}

Network KerasMnist(const ArchitectureOptions& options) {
  const int64_t classes = ClassesOf(options);
  Sequential network(InputOf(options),
                     {Conv2D{.filters = 32, .kernel_size = 3, .padding = Padding::Same()}, MaxPooling2D{},
                      Conv2D{.filters = 16, .kernel_size = 3, .padding = Padding::Same()}, MaxPooling2D{}, Flatten{},
                      Dense{.units = classes, .activation = "softmax"}},
                     "keras-mnist");
  network.class_names = DigitNames(classes);
  return network;
}

Network FashionCnn(const ArchitectureOptions& options) {
  const int64_t classes = ClassesOf(options);
  Sequential network(InputOf(options),
                     {Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu", .name = "conv_layer_1"},
                      MaxPooling2D{.pool_size = 2, .name = "pool_layer_2"},
                      Conv2D{.filters = 64, .kernel_size = 3, .activation = "relu", .name = "conv_layer_3"},
                      MaxPooling2D{.pool_size = 2, .name = "pool_layer_4"}, Flatten{.name = "flatten_layer_5"},
                      Dense{.units = 128, .activation = "relu", .name = "dense_layer_6"},
                      Dense{.units = classes, .activation = "softmax", .name = "dense_layer_7"}},
                     "fashion-cnn");
  network.class_names = FashionNames(classes);
  return network;
}

}  // namespace convscope::architectures
