// Builds a Network by calling layers on tensors, which are known by their names: branches, joins, shared layers.
//
//   NetworkBuilder builder("residual");
//   const std::string x = builder.Input({28, 28, 8});
//   const std::string y = builder.Call(Conv2D{.filters = 8, .kernel_size = 3, .padding = Padding::Same()}, x);
//   const std::string sum = builder.Call(Add{}, {x, y});
//   Network network = builder.Build({sum});
//
// A layer without a name gets Keras': its class in snake case, then _1, _2 (conv2d, conv2d_1, max_pooling2d). A
// LayerPtr that is called again is the same layer, with the same parameters.
#ifndef CONVSCOPE_NN_NETWORK_BUILDER_H_
#define CONVSCOPE_NN_NETWORK_BUILDER_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/nn/network.h"

namespace convscope {

class NetworkBuilder {
 public:
  explicit NetworkBuilder(std::string name = "functional");

  // An input of the shape of a sample, without the batch; float32. Returns its tensor; without a name it is "input",
  // then "input_1".
  std::string Input(const Shape& sample, std::string name = "");

  // Calls a layer; returns its output. Throws Error naming the layer, its class, the rule and what arrived.
  std::string Call(const LayerPtr& layer, const std::string& input);
  std::string Call(const LayerPtr& layer, const std::vector<std::string>& inputs);

  const Graph& graph() const { return builder_.graph(); }

  // The network of everything called so far. Throws Error for outputs that no layer computed, and for none.
  Network Build(std::vector<std::string> outputs) const;

 private:
  friend class Sequential;
  std::string NewName(const std::string& base) const;

  Network::Parts parts_;
  GraphBuilder builder_;
};

// A chain of layers.
//
//   Sequential network({28, 28, 1}, {Conv2D{.filters = 32, .kernel_size = 3}, MaxPooling2D{}, Flatten{},
//                                    Dense{.units = 10, .activation = "softmax"}});
class Sequential : public Network {
 public:
  // `sample`: the shape of an input without the batch. A layer may stand there more than once.
  Sequential(const Shape& sample, const std::vector<LayerPtr>& layers, std::string name = "sequential");
};

// Keras' name for a class: "MaxPooling2D" is "max_pooling2d", "LeakyReLU" "leaky_re_lu".
std::string SnakeCase(std::string_view class_name);

}  // namespace convscope

#endif  // CONVSCOPE_NN_NETWORK_BUILDER_H_
