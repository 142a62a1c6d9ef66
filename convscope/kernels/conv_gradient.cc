#include "convscope/kernels/conv_gradient.h"

#include "convscope/kernels/internal/conv_gradient_algorithm.h"

namespace convscope {
namespace {

const ConvSpec& Checked(const ConvSpec& spec) {
  spec.Check();
  return spec;
}

}  // namespace

ConvInputGradient::ConvInputGradient(const ConvSpec& spec)
    : spec_(Checked(spec)), algorithm_(internal::MakeTapInputGradient(spec)) {}
ConvInputGradient::~ConvInputGradient() = default;
ConvInputGradient::ConvInputGradient(ConvInputGradient&&) noexcept = default;
ConvInputGradient& ConvInputGradient::operator=(ConvInputGradient&&) noexcept = default;

void ConvInputGradient::operator()(const float* dy, const float* kernel, float* dx) {
  algorithm_->Run(dy, kernel, dx);
}

ConvKernelGradient::ConvKernelGradient(const ConvSpec& spec)
    : spec_(Checked(spec)), algorithm_(internal::MakeTileKernelGradient(spec)) {}
ConvKernelGradient::~ConvKernelGradient() = default;
ConvKernelGradient::ConvKernelGradient(ConvKernelGradient&&) noexcept = default;
ConvKernelGradient& ConvKernelGradient::operator=(ConvKernelGradient&&) noexcept = default;

void ConvKernelGradient::operator()(const float* x, const float* dy, float* dkernel, float* dbias) {
  algorithm_->Run(x, dy, dkernel, dbias);
}

}  // namespace convscope
