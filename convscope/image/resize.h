// Pictures of another size: scaled, or scaled and cut to their middle.
#ifndef CONVSCOPE_IMAGE_RESIZE_H_
#define CONVSCOPE_IMAGE_RESIZE_H_

#include <cstdint>
#include <string>

#include "convscope/graph/preprocessing.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// `picture` (H, W, C) as (height, width, C): bilinear where it grows; where it shrinks, the triangle of weights is as
// much wider, so that every pixel counts and nothing aliases. Rows and columns one after the other. Throws Error for
// another rank, and for a length below 1.
Tensor Resize(TensorView<const float> picture, int64_t height, int64_t width);

// `picture` (H, W, C) as (height, width, C) without stretching: scaled until it just covers that, then cut to its
// middle. Of the scaled picture's shorter side `part` is left, 1/16 to 1: 224 cut out of 256 is 0.875. Fractions of a
// pixel go as in torchvision's Resize(256) and CenterCrop(224): the longer side is rounded down, the place of the
// middle to the next whole number, the even one of two. Throws Error for another part, and as Resize does.
Tensor ResizeAndCrop(TensorView<const float> picture, int64_t height, int64_t width, double part = 1);

// `picture` (H, W, C) as (height, width, C) without stretching or cutting: scaled until it just lies inside, zeros
// around it.
Tensor ResizeAndPad(TensorView<const float> picture, int64_t height, int64_t width);

// Whichever of these `fit` means; `crop`, with kCover, is the part. Throws Error as they do.
Tensor FitPicture(TensorView<const float> picture, int64_t height, int64_t width, PictureFit fit, double crop);

// What FitPicture did to a picture of another size: "scaled and cut from 30 x 30 to 28 x 28".
std::string FitText(PictureFit fit, int64_t from_rows, int64_t from_columns, int64_t rows, int64_t columns);

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_RESIZE_H_
