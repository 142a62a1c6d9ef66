#include "convscope/kernels/resize_taps.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace convscope {
namespace {

double CubicWeight(double distance, double a) {
  const double d = std::abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * a * d - 4 * a : 0;
}

// Of ties the place that the rule prefers.
int64_t NearestPlace(double at, ResizeNearest rule) {
  switch (rule) {
    case ResizeNearest::kRoundPreferFloor:
      return static_cast<int64_t>(std::ceil(at - 0.5));
    case ResizeNearest::kRoundPreferCeil:
      return static_cast<int64_t>(std::floor(at + 0.5));
    case ResizeNearest::kFloor:
      return static_cast<int64_t>(std::floor(at));
    case ResizeNearest::kCeil:
      return static_cast<int64_t>(std::ceil(at));
  }
  return 0;
}

// Weights of the places around `at`, which may lie past the ends.
std::vector<Tap> Weighted(const ResizeAxis& axis, double at) {
  if (axis.mode == ResizeMode::kNearest) return {{.index = NearestPlace(at, axis.nearest)}};
  const double radius = axis.mode == ResizeMode::kLinear ? 1 : 2;
  const double shrink = axis.antialias ? std::min(axis.scale, 1.0) : 1;
  std::vector<Tap> taps;
  double sum = 0;
  const auto last = static_cast<int64_t>(std::floor(at + radius / shrink));
  for (auto place = static_cast<int64_t>(std::ceil(at - radius / shrink)); place <= last; ++place) {
    const double distance = (static_cast<double>(place) - at) * shrink;
    const double weight =
        axis.mode == ResizeMode::kLinear ? std::max(0.0, 1 - std::abs(distance)) : CubicWeight(distance, axis.cubic_a);
    taps.push_back({place, weight});
    sum += weight;
  }
  if (shrink < 1) {
    for (Tap& tap : taps) tap.weight /= sum;
  }
  return taps;
}

}  // namespace

bool ResizeAxis::IsExact() const {
  return static_cast<float>(scale) == static_cast<float>(out) / static_cast<float>(in);
}

// One division of whole numbers where the scale is a ratio of such, so that ties are ties.
double ResizeAxis::Coordinate(int64_t o) const {
  const auto at = static_cast<double>(o), n = static_cast<double>(in), m = static_cast<double>(out);
  const bool exact = IsExact();
  const double length = exact ? m : scale * n;
  const double half_pixel = exact ? ((2 * at + 1) * n - m) / (2 * m) : (at + 0.5) / scale - 0.5;
  switch (coordinates) {
    case ResizeCoordinates::kHalfPixel:
      return half_pixel;
    case ResizeCoordinates::kPytorchHalfPixel:
      return out > 1 ? half_pixel : 0;
    case ResizeCoordinates::kAlignCorners:
      return length == 1 ? 0 : at * (n - 1) / (length - 1);
    case ResizeCoordinates::kAsymmetric:
      return exact ? at * n / m : at / scale;
    case ResizeCoordinates::kTfHalfPixelForNn:
      return exact ? (2 * at + 1) * n / (2 * m) : (at + 0.5) / scale;
    case ResizeCoordinates::kTfCropAndResize:
      if (out == 1) return 0.5 * (begin + end) * (n - 1);
      return begin * (n - 1) + at * (end - begin) * (n - 1) / (m - 1);
    case ResizeCoordinates::kHalfPixelSymmetric:
      return exact ? half_pixel : n / 2 * (1 - m / length) + half_pixel;
  }
  return 0;
}

AxisTaps ResizeTaps(const ResizeAxis& axis) {
  AxisTaps result{.in = axis.in};
  for (int64_t o = 0; o < axis.out; ++o) {
    std::vector<Tap>& taps = result.taps.emplace_back();
    const double at = axis.Coordinate(o);
    const bool cropped = axis.coordinates == ResizeCoordinates::kTfCropAndResize;
    if (cropped && (at < 0 || at > static_cast<double>(axis.in - 1))) continue;
    // Far past an end all is at the end, and numbers stay small.
    const double held = std::clamp(at, -2.0 * static_cast<double>(axis.in) - 8, 3.0 * static_cast<double>(axis.in) + 8);
    std::vector<Tap> weighted = Weighted(axis, held);
    double inside = 0;
    for (const Tap& tap : weighted) inside += tap.index >= 0 && tap.index < axis.in ? tap.weight : 0;
    const bool leaves_out = axis.exclude_outside && axis.mode != ResizeMode::kNearest && inside != 0;
    for (const Tap& tap : weighted) {
      const int64_t place = std::clamp<int64_t>(tap.index, 0, axis.in - 1);
      if (tap.weight == 0 || (leaves_out && place != tap.index)) continue;
      const double weight = leaves_out ? tap.weight / inside : tap.weight;
      if (!taps.empty() && taps.back().index == place) {
        taps.back().weight += weight;
      } else {
        taps.push_back({place, weight});
      }
    }
  }
  return result;
}

}  // namespace convscope
