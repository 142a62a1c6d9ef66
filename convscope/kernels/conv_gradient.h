// The gradients of a convolution, float32: the fast twins of reference/conv_gradient.h.
//
// Both take everything that a ConvSpec can say. An object is made ready once for a shape (checked, planned), and run at
// every step of a training with that step's weights. It owns its working memory: one caller at a time; calls after the
// first allocate no more. Work is split by index and summed in a fixed order: the same bits at any number of threads.
//
// A transposed convolution (Keras' Conv2DTranspose, ONNX's ConvTranspose) is this turned around. Let `spec` be the
// convolution that leads from the large picture to the small one: its output is the layer's input, `filters` the
// layer's input channels, and its input is the layer's output, `channels` the layer's filters, on axes whose `in` is
//   (small - 1) * stride + dilation * (size - 1) + 1 + output_padding - pad_before - pad_after,
// where 0 <= output_padding < stride: those pixels at the end that no window reaches, since `out()` rounds down. Then
//   forward                 y = ConvInputGradient(spec)(x, kernel)
//   gradient to the input   dx = Convolution(spec)(dy, kernel)
//   gradient to the kernel  dkernel = ConvKernelGradient(spec)(dy, x)     (dy takes the place of `x`, x that of `dy`)
// with a kernel (spatial..., filters of the layer / groups, input channels), which is Keras' layout; the bias, one a
// channel of the large picture, is added by whoever calls, and its gradient is the sum of dy over the pixels.
#ifndef CONVSCOPE_KERNELS_CONV_GRADIENT_H_
#define CONVSCOPE_KERNELS_CONV_GRADIENT_H_

#include <memory>

#include "convscope/kernels/conv.h"

namespace convscope {

namespace internal {
class InputGradientAlgorithm;
class KernelGradientAlgorithm;
}  // namespace internal

// dx = the gradient of <y, dy> to the input of the convolution.
class ConvInputGradient {
 public:
  explicit ConvInputGradient(const ConvSpec& spec);  // throws Error when spec.Check() does
  ~ConvInputGradient();
  ConvInputGradient(ConvInputGradient&&) noexcept;
  ConvInputGradient& operator=(ConvInputGradient&&) noexcept;

  const ConvSpec& spec() const { return spec_; }

  // dy: spec.OutputShape(), kernel: spec.KernelShape(), dx: spec.InputShape(), which must not overlap the others and
  // is written whole.
  void operator()(const float* dy, const float* kernel, float* dx);

 private:
  ConvSpec spec_;
  std::unique_ptr<internal::InputGradientAlgorithm> algorithm_;
};

// dkernel and dbias = the gradients of <y, dy> to kernel and bias of the convolution.
class ConvKernelGradient {
 public:
  explicit ConvKernelGradient(const ConvSpec& spec);  // throws Error when spec.Check() does
  ~ConvKernelGradient();
  ConvKernelGradient(ConvKernelGradient&&) noexcept;
  ConvKernelGradient& operator=(ConvKernelGradient&&) noexcept;

  const ConvSpec& spec() const { return spec_; }

  // x: spec.InputShape(), dy: spec.OutputShape(), dkernel: spec.KernelShape(), dbias: (F,) or null for none; both are
  // written whole and must not overlap the others. A sum over pixels is blocked: at most 128 terms in a register, then
  // 32 of those sums, and then these, so that a hundred thousand pixels err no more than a few hundred.
  void operator()(const float* x, const float* dy, float* dkernel, float* dbias);

 private:
  ConvSpec spec_;
  std::unique_ptr<internal::KernelGradientAlgorithm> algorithm_;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_CONV_GRADIENT_H_
