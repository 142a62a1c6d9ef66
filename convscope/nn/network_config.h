// A network as Keras' model JSON has it: "class_name", "config", the layers with their arguments and how they are
// connected. Neither weights nor a training. convscope/formats/keras_json.h has the text of it.
#ifndef CONVSCOPE_NN_NETWORK_CONFIG_H_
#define CONVSCOPE_NN_NETWORK_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "convscope/nn/config.h"
#include "convscope/nn/network.h"

namespace convscope {

// What a reader chooses where a file leaves it open, and what it tells of its reading.
struct NetworkReading {
  int64_t rows = 0, columns = 0;  // of pictures whose size the file leaves open; 0: 224
  // Filled in. What the file says that is another thing here, a line each.
  std::vector<std::string> assumed = {};
  // The layers' names by what Keras counts them by, class and number: "functional/conv2d_1" is "backbone/conv".
  std::map<std::string, std::string> counted_names = {};
};

// The network that a file of Keras 2 or 3 describes: a Sequential or a functional model of layers that exist here.
// Weights are not set. Throws Error naming the layer, its class and the argument.
//
// A model as a layer of another becomes its layers, "backbone/conv". Operations among layers (x + y, tf.nn.relu) become
// the layers that compute the same. Layers that do something only while a network learns (RandomFlip, GaussianNoise)
// are left out, and so is what a call says of that (training=False).
Network NetworkFromConfig(const Config& config, NetworkReading* reading = nullptr);

// The network for Keras 3. What Keras cannot say in one layer is said in two (padding of each side as a ZeroPadding2D
// before the convolution), and a '/' in a layer's name, which Keras 3 refuses, becomes a '.'. Throws Error naming the
// layer where Keras cannot say it at all: an activation with parameters of its own, explicit padding of a pool or of
// another number of axes than two.
Config NetworkToConfig(const Network& network);

}  // namespace convscope

#endif  // CONVSCOPE_NN_NETWORK_CONFIG_H_
