// All layers. Each is a plain struct with Keras' name, arguments and defaults that converts to LayerPtr.
#ifndef CONVSCOPE_NN_LAYERS_H_
#define CONVSCOPE_NN_LAYERS_H_

#include "convscope/nn/activation_layers.h"     // IWYU pragma: export
#include "convscope/nn/convolution_layers.h"    // IWYU pragma: export
#include "convscope/nn/dense_layer.h"           // IWYU pragma: export
#include "convscope/nn/dropout_layers.h"        // IWYU pragma: export
#include "convscope/nn/merge_layers.h"          // IWYU pragma: export
#include "convscope/nn/normalization_layers.h"  // IWYU pragma: export
#include "convscope/nn/pooling_layers.h"        // IWYU pragma: export
#include "convscope/nn/shape_layers.h"          // IWYU pragma: export

#endif  // CONVSCOPE_NN_LAYERS_H_
