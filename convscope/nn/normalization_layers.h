// Layers that normalize and scale: BatchNormalization, LayerNormalization, Normalization, Rescaling with Keras' names,
// arguments and defaults, and LocalResponseNormalization, which Keras does not have.
#ifndef CONVSCOPE_NN_NORMALIZATION_LAYERS_H_
#define CONVSCOPE_NN_NORMALIZATION_LAYERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/nn/layer.h"

namespace convscope {

// (x - mean) / sqrt(variance + epsilon) * gamma + beta for each entry of `axis`: of the batch while the network learns,
// with the moving means at other times, and, as in Keras, always with those where the layer is not trainable.
// Parameters NAME/gamma, NAME/beta, NAME/moving_mean, NAME/moving_variance (C,); the last two are never trainable.
struct BatchNormalization {
  int64_t axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Initializer beta_initializer = Zeros{};
  Initializer gamma_initializer = Ones{};
  Initializer moving_mean_initializer = Zeros{};
  Initializer moving_variance_initializer = Ones{};
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

// The same with the mean and the variance of each sample over `axis`: the last axes of the input. Parameters NAME/gamma
// and NAME/beta of their lengths.
struct LayerNormalization {
  std::vector<int64_t> axis = {-1};
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Initializer beta_initializer = Zeros{};
  Initializer gamma_initializer = Ones{};
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

// x / (bias + alpha / size * sum of the squares of the `size` nearest channels)^beta (ONNX' formula; Krizhevsky et al.
// 2012 multiply by their alpha alone).
struct LocalResponseNormalization {
  int64_t size = 5;  // channels
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;
  std::string name = {};

  operator LayerPtr() const;
};

// (x - mean) / sqrt(variance), one mean and variance for all channels or one each. They are parameters, NAME/mean and
// NAME/variance (C,), which no training changes; not given, 0 and 1, to be set by SetWeights.
struct Normalization {
  int64_t axis = -1;  // the last one, from either end; there is no other here
  std::vector<double> mean = {};
  std::vector<double> variance = {};
  std::string name = {};

  operator LayerPtr() const;
};

// Whether `layer` is a Normalization that was told its mean and variance: they are arguments then, no weights of Keras.
bool IsToldNormalization(const Layer& layer);

// x * scale + offset.
struct Rescaling {
  double scale = 1;
  double offset = 0;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_NORMALIZATION_LAYERS_H_
