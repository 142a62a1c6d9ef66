// A network as Keras' model JSON has it: "class_name", "config", the layers with their arguments and how they are
// connected. Neither weights nor a training. convscope/formats/keras_json.h has the text of it.
#ifndef CONVSCOPE_NN_NETWORK_CONFIG_H_
#define CONVSCOPE_NN_NETWORK_CONFIG_H_

#include "convscope/nn/config.h"
#include "convscope/nn/network.h"

namespace convscope {

// The network that a file of Keras 2 or 3 describes: a Sequential or a functional model of layers that exist here.
// Weights are not set. Throws Error naming the layer, its class and the argument.
Network NetworkFromConfig(const Config& config);

// The network for Keras 3. What Keras cannot say in one layer is said in two (padding of each side as a ZeroPadding2D
// before the convolution), and a '/' in a layer's name, which Keras 3 refuses, becomes a '.'. Throws Error naming the
// layer where Keras cannot say it at all: an activation with parameters of its own, explicit padding of a pool or of
// another number of axes than two.
Config NetworkToConfig(const Network& network);

}  // namespace convscope

#endif  // CONVSCOPE_NN_NETWORK_CONFIG_H_
