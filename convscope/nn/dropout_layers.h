// Layers that drop values while a network learns and hand their input on at other times. Keras' names, arguments and
// defaults; the random numbers are those of the training (its seed, the layer's name, the epoch, the sample).
#ifndef CONVSCOPE_NN_DROPOUT_LAYERS_H_
#define CONVSCOPE_NN_DROPOUT_LAYERS_H_

#include <string>

#include "convscope/nn/layer.h"

namespace convscope {

// Each value is 0 with probability `rate`, else divided by 1 - rate.
struct Dropout {
  double rate = 0.5;
  std::string name = {};

  operator LayerPtr() const;
};

// The same for whole channels of (N, H, W, C), or of (N, C, H, W).
struct SpatialDropout2D {
  double rate = 0.5;
  DataFormat data_format = DataFormat::kChannelsLast;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_DROPOUT_LAYERS_H_
