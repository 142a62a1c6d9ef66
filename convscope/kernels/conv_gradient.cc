#include "convscope/kernels/conv_gradient.h"

#include "convscope/kernels/internal/conv_gradient_algorithm.h"
#include "convscope/kernels/internal/conv_product.h"

namespace convscope {
namespace {

const ConvSpec& Checked(const ConvSpec& spec) {
  spec.Check();
  return spec;
}

std::unique_ptr<internal::InputGradientAlgorithm> MakeInputGradient(const ConvSpec& spec) {
  // Tiles of pixels end with a row of the picture; a product has no rows.
  constexpr int64_t kShortRow = 32;
  if (internal::AsProduct(spec) && spec.columns().out() < kShortRow) return internal::MakeProductInputGradient(spec);
  // With as few filters as a vector or two, sums are too short to be added up element by element.
  constexpr int64_t kFewFilters = 16;
  // With as few channels as this, the turned convolution has vectors along the row, where the others would have empty
  // lanes.
  constexpr int64_t kFewChannels = 4;
  const bool depthwise = spec.groups == spec.channels && spec.groups == spec.filters;
  const bool few = spec.filters_per_group() <= kFewFilters || (spec.groups == 1 && spec.channels <= kFewChannels);
  if (!depthwise && few) {
    if (auto flipped = internal::MakeFlippedInputGradient(spec)) return flipped;
  }
  return internal::MakeTapInputGradient(spec);
}

}  // namespace

ConvInputGradient::ConvInputGradient(const ConvSpec& spec)
    : spec_(Checked(spec)), algorithm_(MakeInputGradient(spec)) {}
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
