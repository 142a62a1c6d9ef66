#include "convscope/inspect/attribution/baseline.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/kernels/axis_taps.h"

namespace convscope {
namespace {

AxisTaps GaussianAxis(int64_t length, double sigma) {
  AxisTaps axis{.in = length, .taps = {}};
  const auto reach = static_cast<int64_t>(std::ceil(std::min(3 * sigma, static_cast<double>(length))));
  for (int64_t o = 0; o < length; ++o) {
    std::vector<Tap>& taps = axis.taps.emplace_back();
    double sum = 0;
    for (int64_t i = std::max<int64_t>(0, o - reach); i <= std::min(length - 1, o + reach); ++i) {
      const double away = static_cast<double>(i - o) / sigma;
      taps.push_back({i, std::exp(-0.5 * away * away)});
      sum += taps.back().weight;
    }
    for (Tap& tap : taps) tap.weight /= sum;
  }
  return axis;
}

}  // namespace

Tensor MeanBaseline(const Tensor& input) {
  const int64_t channels = input.shape().back(), pixels = input.size() / std::max<int64_t>(channels, 1);
  std::vector<double> sums(static_cast<size_t>(channels));
  for (int64_t i = 0; i < input.size(); ++i) {
    sums[static_cast<size_t>(i % channels)] += static_cast<double>(input.data()[i]);
  }
  Tensor mean(input.shape());
  for (int64_t i = 0; i < input.size(); ++i) {
    mean.data()[i] = static_cast<float>(sums[static_cast<size_t>(i % channels)] / static_cast<double>(pixels));
  }
  return mean;
}

Tensor BlurBaseline(const Tensor& input, double sigma) {
  if (!(sigma > 0) || !std::isfinite(sigma)) {
    throw Error({.where = "blur", .rule = "a standard deviation above 0, in pixels", .received = Concat(sigma)});
  }
  const Shape& shape = input.shape();
  const AxisTaps one = AxisTaps::Identity(1), channels = AxisTaps::Identity(shape[3]);
  // Rows, then columns: as many taps as both have, not their product.
  Tensor rows(shape), blurred(shape);
  TapPlan({one, GaussianAxis(shape[1], sigma), AxisTaps::Identity(shape[2]), channels})(input.data(), rows.data());
  TapPlan({one, AxisTaps::Identity(shape[1]), GaussianAxis(shape[2], sigma), channels})(rows.data(), blurred.data());
  return blurred;
}

double UsualBlur(const Tensor& input) {
  return std::max(2.0, static_cast<double>(std::max(input.shape()[1], input.shape()[2])) / 4);
}

}  // namespace convscope
