// The gradient to the input as a convolution of dY with the kernel turned around, channels and filters swapped.
//
// For few filters, where element by element (conv_tap_input_gradient.cc) more time would go into adding to dX than into
// products. It multiplies zeroes around dY with the kernel, so that an infinite weight gives NaN at the border as well.
#include <utility>

#include "convscope/kernels/internal/conv_gradient_algorithm.h"
#include "convscope/kernels/internal/transpose.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

class FlippedInputGradient : public InputGradientAlgorithm {
 public:
  // `convolution` leads from dY to dX.
  FlippedInputGradient(const ConvSpec& spec, const ConvSpec& convolution)
      : spec_(spec), convolution_(convolution), kernel_(convolution.KernelShape()) {}

  void Run(const float* dy, const float* kernel, float* dx) override {
    const int64_t channels = spec_.channels_per_group(), filters = spec_.filters_per_group();
    const int64_t taps = spec_.depth().size * spec_.rows().size * spec_.columns().size;
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t g = 0; g < spec_.groups; ++g) {
        Transpose(kernel + tap * channels * spec_.filters + g * filters, channels, filters, spec_.filters,
                  kernel_.data() + tap * filters * spec_.channels + g * channels, spec_.channels);
      }
    }
    convolution_(dy, kernel_.data(), nullptr, dx);
  }

 private:
  ConvSpec spec_;
  Convolution convolution_;
  Tensor kernel_;  // (spatial..., F / groups, C)
};

}  // namespace

std::unique_ptr<InputGradientAlgorithm> MakeFlippedInputGradient(const ConvSpec& spec) {
  if (spec.pad_mode != PadMode::kZero) return nullptr;
  ConvSpec back = spec;
  std::swap(back.channels, back.filters);
  back.flip_kernel = !spec.flip_kernel;
  for (WindowAxis& axis : back.axes) {
    if (axis.stride != 1) return nullptr;
    const int64_t in = axis.in;
    axis.in = axis.out();
    axis.pad_before = axis.extent() - 1 - axis.pad_before;
    axis.pad_after = in + axis.extent() - 1 - axis.in - axis.pad_before;
    if (axis.pad_before < 0 || axis.pad_after < 0) return nullptr;
  }
  return std::make_unique<FlippedInputGradient>(spec, back);
}

}  // namespace convscope::internal
