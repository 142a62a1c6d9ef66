// Pictures of another size: scaled, or scaled and cut to their middle.
#ifndef CONVSCOPE_IMAGE_RESIZE_H_
#define CONVSCOPE_IMAGE_RESIZE_H_

#include <cstdint>

#include "convscope/tensor/tensor.h"

namespace convscope {

// `picture` (H, W, C) as (height, width, C): bilinear where it grows; where it shrinks, the triangle of weights is as
// much wider, so that every pixel counts and nothing aliases. Rows and columns one after the other. Throws Error for
// another rank, and for a length below 1.
Tensor Resize(TensorView<const float> picture, int64_t height, int64_t width);

// `picture` (H, W, C) as (height, width, C) without stretching: scaled until it just covers that, then cut to its
// middle. Of the scaled picture's shorter side `part` is left, 1/16 to 1: 224 cut out of 256 is 0.875. Throws
// Error for another part, and as Resize does.
Tensor ResizeAndCrop(TensorView<const float> picture, int64_t height, int64_t width, double part = 1);

// `picture` (H, W, C) as (height, width, C) without stretching or cutting: scaled until it just lies inside, zeros
// around it.
Tensor ResizeAndPad(TensorView<const float> picture, int64_t height, int64_t width);

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_RESIZE_H_
