// Pictures in and out of tensors (N, H, W, C), for the programs beside this file. Not part of the library.
#ifndef EXAMPLES_NHWC_H_
#define EXAMPLES_NHWC_H_

#include <algorithm>
#include <cstdint>

#include "convscope/tensor/tensor.h"

// A batch of one, (1, rows, columns, C), cut out of `picture` (H, W, C) at `row` and `column`, which must lie inside.
inline convscope::Tensor Crop(const convscope::Tensor& picture, int64_t row, int64_t column, int64_t rows,
                              int64_t columns) {
  const int64_t width = picture.shape()[1], channels = picture.shape()[2];
  convscope::Tensor crop({1, rows, columns, channels});
  for (int64_t y = 0; y < rows; ++y) {
    std::copy_n(picture.data() + ((row + y) * width + column) * channels, columns * channels,
                crop.data() + y * columns * channels);
  }
  return crop;
}

// The same from the middle of the picture.
inline convscope::Tensor CropMiddle(const convscope::Tensor& picture, int64_t rows, int64_t columns) {
  return Crop(picture, (picture.shape()[0] - rows) / 2, (picture.shape()[1] - columns) / 2, rows, columns);
}

// Picture `index` of a batch (N, H, W, C), as (H, W, C): what a figure draws as one map, or as a grid of C maps.
inline convscope::TensorView<const float> PictureOf(const convscope::Tensor& batch, int64_t index = 0) {
  const convscope::Shape& shape = batch.shape();
  const convscope::Shape picture{shape[1], shape[2], shape[3]};
  return {batch.data() + index * picture.NumElements(), picture};
}

// The kernel of filter `filter` on channel `channel` of a bank (R, S, C, F), copied into a matrix (R, S).
inline convscope::Tensor KernelOf(const convscope::Tensor& bank, int64_t channel, int64_t filter) {
  const convscope::Shape& shape = bank.shape();
  convscope::Tensor kernel({shape[0], shape[1]});
  for (int64_t i = 0; i < kernel.size(); ++i) {
    kernel.data()[i] = bank.data()[(i * shape[2] + channel) * shape[3] + filter];
  }
  return kernel;
}

#endif  // EXAMPLES_NHWC_H_
