// Activations as layers: any of them, ReLU, LeakyReLU, PReLU, ELU and Softmax, with Keras' names, arguments and
// defaults. Keras' Activation is ActivationLayer here, since convscope::Activation is the function itself.
#ifndef CONVSCOPE_NN_ACTIVATION_LAYERS_H_
#define CONVSCOPE_NN_ACTIVATION_LAYERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/nn/layer.h"

namespace convscope {

//   ActivationLayer{.activation = "tanh"}
struct ActivationLayer {
  ActivationChoice activation = {};
  std::string name = {};

  operator LayerPtr() const;
};

// max(x, 0), at most max_value (none or 6); or, with a slope for what lies below 0, as LeakyReLU.
struct ReLU {
  std::optional<double> max_value = {};
  double negative_slope = 0;
  std::string name = {};

  operator LayerPtr() const;
};

// x where x > 0, else negative_slope * x.
struct LeakyReLU {
  double negative_slope = 0.3;
  std::string name = {};

  operator LayerPtr() const;
};

// x where x > 0, else alpha * x, with alpha the parameter NAME/alpha of the shape of a sample; of length 1 in
// shared_axes, which count from 1.
struct PReLU {
  Initializer alpha_initializer = Zeros{};
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  std::vector<int64_t> shared_axes = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

// x where x > 0, else alpha * (e^x - 1).
struct ELU {
  double alpha = 1;
  std::string name = {};

  operator LayerPtr() const;
};

// e^x over its sum along `axis`.
struct Softmax {
  int64_t axis = -1;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_ACTIVATION_LAYERS_H_
