// Gradients of activation functions, float32: the fast twin of reference/activation_gradient.h.
#ifndef CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_H_
#define CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_H_

#include <cstdint>

#include "convscope/kernels/activation.h"

namespace convscope {

// What the gradient of an activation is computed from: its output where that determines the slope, so that the input
// need not be kept and a convolution may apply the activation while it writes; else its input. Swish, hard_swish, gelu
// and mish take most of their values twice, and so do leaky_relu, elu and thresholded_relu with a negative alpha: these
// read the input.
bool GradientReadsOutput(const Activation& activation);

// input_gradient[i] = output_gradient[i] * f'(x[i]) for i in [0, count); `value` is the output or the input of f, as
// GradientReadsOutput says. In place when input_gradient is output_gradient. Softmax and log_softmax run over rows of
// `row` values (count is a multiple of row); the others ignore `row`. Runs in the calling thread: callers choose how to
// split, and no split changes a bit.
//
// Relative error, for the value as it is given: within 4 units in the last place (2^-23). Swish, gelu and mish, f = x
// g, have slopes with a zero, g + x g'; their error is relative to |g| + |x g'|: within 10 units, gelu 14, mish 18 and
// gelu:tanh 10 + 6 |2u|, since it puts the rounding of its argument u into exponents.
void ActivationGradient(const Activation& activation, const float* value, const float* output_gradient,
                        float* input_gradient, int64_t count, int64_t row);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_H_
