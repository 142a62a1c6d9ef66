// Layers that move elements: Flatten, Reshape, Permute, ZeroPadding2D, Cropping2D, UpSampling2D. Keras' names,
// arguments and defaults; no parameters.
#ifndef CONVSCOPE_NN_SHAPE_LAYERS_H_
#define CONVSCOPE_NN_SHAPE_LAYERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/nn/layer.h"

namespace convscope {

// (N, ...) -> (N, elements of a sample), rows, columns, then channels. Tensors with the channels first are turned
// before, so that the order is the same.
struct Flatten {
  DataFormat data_format = DataFormat::kChannelsLast;
  std::string name = {};

  operator LayerPtr() const;
};

// (N, ...) -> (N, target_shape...); one -1 takes what is left.
struct Reshape {
  std::vector<int64_t> target_shape = {};
  std::string name = {};

  operator LayerPtr() const;
};

// Output axis i is input axis dims[i - 1]; the axes of a sample count from 1.
struct Permute {
  std::vector<int64_t> dims = {};
  std::string name = {};

  operator LayerPtr() const;
};

// (N, H, W, C) -> (N, top + H + bottom, left + W + right, C).
struct ZeroPadding2D {
  Sides2D padding = 1;  // pixels
  DataFormat data_format = DataFormat::kChannelsLast;
  std::string name = {};

  operator LayerPtr() const;
};

// (N, H, W, C) -> (N, H - top - bottom, W - left - right, C).
struct Cropping2D {
  Sides2D cropping = 0;  // pixels
  DataFormat data_format = DataFormat::kChannelsLast;
  std::string name = {};

  operator LayerPtr() const;
};

// (N, H, W, C) -> (N, H * rows, W * columns, C), size = {rows, columns}.
struct UpSampling2D {
  PerAxis<2> size = 2;
  DataFormat data_format = DataFormat::kChannelsLast;
  Interpolation interpolation = Interpolation::kNearest;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_SHAPE_LAYERS_H_
