// One prepared algorithm of a gradient: what the constructors in conv_gradient.h choose from. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_ALGORITHM_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_ALGORITHM_H_

#include <memory>

#include "convscope/kernels/conv.h"

namespace convscope::internal {

class InputGradientAlgorithm {
 public:
  virtual ~InputGradientAlgorithm() = default;
  virtual void Run(const float* dy, const float* kernel, float* dx) = 0;
};

class KernelGradientAlgorithm {
 public:
  virtual ~KernelGradientAlgorithm() = default;
  virtual void Run(const float* x, const float* dy, float* dkernel, float* dbias) = 0;
};

// Any convolution, element of the kernel by element: the gradient of a row of windows falls on pixels that are `stride`
// apart, so that one tile of dY times one element's weights is added to where it belongs.
std::unique_ptr<InputGradientAlgorithm> MakeTapInputGradient(const ConvSpec& spec);

// For few filters, stride 1 and zero padding, no more of it than a window is long; null for others.
std::unique_ptr<InputGradientAlgorithm> MakeFlippedInputGradient(const ConvSpec& spec);

// For a spec that AsProduct (conv_product.h) takes.
std::unique_ptr<InputGradientAlgorithm> MakeProductInputGradient(const ConvSpec& spec);

// Any convolution: tiles of elements of the kernel x filters, summed over pixels.
std::unique_ptr<KernelGradientAlgorithm> MakeTileKernelGradient(const ConvSpec& spec);

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_GRADIENT_ALGORITHM_H_
