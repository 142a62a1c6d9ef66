// Gradients where each channel has one filter of its own: vectors along the channels. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_DEPTHWISE_GRADIENT_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_DEPTHWISE_GRADIENT_H_

#include <cstdint>

#include "convscope/kernels/internal/conv_gradient_tile.h"

namespace convscope::internal {

// outputs[r][output_offset + p * output_step + c] += inputs[r][input_offset + p * channels + c] * weights[c], for rows
// r, pixels p and channels c.
struct DepthwiseRows {
  const float* const* inputs;
  float* const* outputs;
  int64_t rows;
  int64_t pixels;
  int64_t input_offset;
  int64_t output_offset;
  int64_t output_step;
  int64_t channels;
  const float* weights;  // (channels,)
};

struct DepthwiseKernels {
  void (*add_input_gradient)(const DepthwiseRows&);
  // A GradientTile whose filter f sees element f alone: result[f] (+)= sum of x[... + f] * dy[... + f]; `elements` and
  // `result_stride` have no meaning.
  GradientTileFunction kernel_gradient;
};
DepthwiseKernels BestDepthwiseKernels();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_DEPTHWISE_GRADIENT_H_
