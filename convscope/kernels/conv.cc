#include "convscope/kernels/conv.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/conv_algorithm.h"

namespace convscope {
namespace {

// The kernel (taps, C / groups, F) with its taps in reverse order, which turns it around on all spatial axes.
void Flip(std::vector<float>& kernel, int64_t taps) {
  const int64_t size = static_cast<int64_t>(kernel.size()) / taps;
  for (int64_t i = 0, j = taps - 1; i < j; ++i, --j) {
    std::swap_ranges(kernel.begin() + i * size, kernel.begin() + (i + 1) * size, kernel.begin() + j * size);
  }
}

internal::ConvProblem MakeProblem(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue) {
  spec.Check();
  internal::ConvProblem problem{.spec = spec, .kernel = {}, .bias = {}, .epilogue = std::move(epilogue)};
  problem.kernel.assign(kernel, kernel + spec.KernelShape().NumElements());
  problem.bias.assign(static_cast<size_t>(spec.filters), 0.0f);
  if (bias != nullptr) std::copy_n(bias, spec.filters, problem.bias.begin());
  if (spec.flip_kernel) Flip(problem.kernel, spec.depth().size * spec.rows().size * spec.columns().size);
  return problem;
}

}  // namespace

Shape ConvSpec::InputShape() const {
  return SpatialShape({batch}, {axes[0].in, axes[1].in, axes[2].in}, rank, {channels});
}

Shape ConvSpec::KernelShape() const {
  return SpatialShape({}, {axes[0].size, axes[1].size, axes[2].size}, rank, {channels_per_group(), filters});
}

Shape ConvSpec::OutputShape() const {
  return SpatialShape({batch}, {axes[0].out(), axes[1].out(), axes[2].out()}, rank, {filters});
}

int64_t ConvSpec::MultiplyAdds() const {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const int64_t outputs = OutputShape().NumElements(), products = KernelShape().NumElements() / filters;
  return outputs > kMost / products ? kMost : outputs * products;
}

void ConvSpec::Check() const {
  if (rank < 1 || rank > 3) {
    throw Error({.rule = "a convolution has 1, 2 or 3 spatial axes", .received = std::to_string(rank)});
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const bool used = static_cast<int>(i) >= 3 - rank;
    if (!used && axes[i] != WindowAxis{}) {
      throw Error({.rule = Concat("a convolution of rank ", rank, " has no ", kSpatialAxes[i], " axis"),
                   .received = Concat("one of length ", axes[i].in)});
    }
    try {
      convscope::Check(axes[i], pad_mode);
    } catch (const Error& error) {
      throw error.At(kSpatialAxes[i]);
    }
    if (axes[i].ceil_mode) {
      throw Error({.where = kSpatialAxes[i], .rule = "ceil mode is for pooling", .received = "a convolution with it"});
    }
  }
  if (batch < 1 || channels < 1 || filters < 1 || groups < 1) {
    throw Error({.rule = "batch, channels, filters and groups must be at least 1",
                 .received = Concat(batch, ", ", channels, ", ", filters, ", ", groups)});
  }
  if (channels % groups != 0 || filters % groups != 0) {
    throw Error({.rule = "groups must divide the channels and the filters",
                 .received = Concat("groups=", groups, ", channels=", channels, ", filters=", filters)});
  }
  // Building the shapes checks the numbers of elements.
  InputShape();
  KernelShape();
  OutputShape();
}

std::string_view Name(ConvPath path) {
  switch (path) {
    case ConvPath::kTile:
      return "tile";
    case ConvPath::kPlane:
      return "plane";
    case ConvPath::kSeparable:
      return "separable";
    case ConvPath::kDepthwise:
      return "depthwise";
  }
  return "";
}

struct Convolution::Impl {
  ConvSpec spec;
  std::unique_ptr<internal::ConvAlgorithm> algorithm;
};

Convolution::Convolution(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue) {
  internal::ConvProblem problem = MakeProblem(spec, kernel, bias, std::move(epilogue));
  const bool one_filter_a_channel = spec.groups == spec.channels && spec.filters == spec.channels;
  impl_ = std::make_unique<const Impl>(Impl{.spec = spec,
                                            .algorithm = one_filter_a_channel
                                                             ? internal::MakeLineConvolution(std::move(problem))
                                                             : internal::MakeTileConvolution(std::move(problem))});
}

Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;
Convolution& Convolution::operator=(Convolution&&) noexcept = default;

const ConvSpec& Convolution::spec() const {
  return impl_->spec;
}
ConvPath Convolution::path() const {
  return impl_->algorithm->path();
}
void Convolution::operator()(const float* input, float* output) const {
  impl_->algorithm->Run(input, output);
}

}  // namespace convscope
