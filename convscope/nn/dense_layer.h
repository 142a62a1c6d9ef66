// The fully connected layer, with Keras' names, arguments and defaults.
#ifndef CONVSCOPE_NN_DENSE_LAYER_H_
#define CONVSCOPE_NN_DENSE_LAYER_H_

#include <cstdint>
#include <string>

#include "convscope/nn/layer.h"

namespace convscope {

// Input (N, ..., C), output (N, ..., units): on each vector of the last axis. Parameters NAME/kernel (C, units) and
// NAME/bias (units,).
struct Dense {
  int64_t units = 0;
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform{};
  Initializer bias_initializer = Zeros{};
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_DENSE_LAYER_H_
