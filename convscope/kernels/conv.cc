#include "convscope/kernels/conv.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/conv_algorithm.h"
#include "convscope/kernels/internal/conv_product.h"

namespace convscope {

void internal::ConvAlgorithm::RunRows(const float*, int64_t, int64_t, float*) const {
  throw Error({.rule = "rows alone are computed by a convolution that gives them",
               .received = "one that computes whole pictures",
               .fix = "ask GivesRows, or call it as a whole"});
}

namespace {

internal::ConvProblem MakeProblem(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue) {
  spec.Check();
  internal::ConvProblem problem{.spec = spec, .epilogue = std::move(epilogue)};
  problem.kernel.assign(kernel, kernel + spec.KernelShape().NumElements());
  problem.bias.assign(static_cast<size_t>(spec.filters), 0.0f);
  if (bias != nullptr) std::copy_n(bias, spec.filters, problem.bias.begin());
  return problem;
}

std::unique_ptr<internal::ConvAlgorithm> MakeAlgorithm(internal::ConvProblem problem) {
  const ConvSpec& spec = problem.spec;
  if (spec.groups == spec.channels && spec.filters == spec.channels) {
    return internal::MakeLineConvolution(std::move(problem));
  }
  // Tiles of pixels end with a row of the picture; a product has no rows.
  constexpr int64_t kShortRow = 32;
  if (internal::AsProduct(spec) && spec.columns().out() < kShortRow) {
    return internal::MakeProductConvolution(std::move(problem));
  }
  if (auto planar = internal::MakePlanarConvolution(std::move(problem))) return planar;
  return internal::MakeTileConvolution(std::move(problem));
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
  bool trains = false;
};

Convolution::Convolution(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue) {
  impl_ = std::make_unique<Impl>(
      Impl{.spec = spec, .algorithm = MakeAlgorithm(MakeProblem(spec, kernel, bias, std::move(epilogue)))});
}

Convolution::Convolution(const ConvSpec& spec, Epilogue epilogue) {
  spec.Check();
  impl_ = std::make_unique<Impl>(
      Impl{.spec = spec,
           .algorithm = MakeAlgorithm({.spec = spec, .epilogue = std::move(epilogue), .trains = true}),
           .trains = true});
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
  if (impl_->trains) {
    throw Error({.rule = "a convolution that was made for training takes its weights with every call",
                 .received = "a call without weights",
                 .fix = "pass kernel and bias, or make it with them"});
  }
  impl_->algorithm->Run(input, output);
}
bool Convolution::GivesRows() const {
  return !impl_->trains && impl_->algorithm->RunsRows();
}
void Convolution::Rows(const float* input, int64_t begin, int64_t end, float* output) const {
  impl_->algorithm->RunRows(input, begin, end, output);
}
void Convolution::operator()(const float* input, const float* kernel, const float* bias, float* output) {
  if (!impl_->trains) {
    throw Error({.rule = "a convolution that was made with its weights, and chosen for them, takes no others",
                 .received = "a call with weights",
                 .fix = "make it from the shape alone"});
  }
  impl_->algorithm->SetWeights(kernel, bias);
  impl_->algorithm->Run(input, output);
}

}  // namespace convscope
