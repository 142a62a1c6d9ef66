// Gradients of max and average pooling, float32: the fast twin of reference/pool_gradient.h.
#ifndef CONVSCOPE_KERNELS_POOL_GRADIENT_H_
#define CONVSCOPE_KERNELS_POOL_GRADIENT_H_

#include "convscope/kernels/conv.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// The gradient of the input of a pool. A maximum hands the gradient of its window to the first element, in the order of
// memory, that is the maximum, or to the first NaN where there is one; an average hands equal shares to all elements
// that it counts. A window of padding alone hands on nothing. Shares of padded zeroes are dropped, those of other
// padding go to the pixels that it shows.
//
// input and input_gradient: spec.InputShape(), output_gradient: spec.OutputShape(); nothing overlaps. The average reads
// no input, which may be null. The sums are those of the reference in float, bit for bit, at any number of threads.
// Throws Error when spec.Check does. `epilogue` is applied to each finished piece of the result, as by Convolution.
void PoolGradient(const PoolSpec& spec, const float* input, const float* output_gradient, float* input_gradient,
                  const Epilogue& epilogue = {});

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_POOL_GRADIENT_H_
