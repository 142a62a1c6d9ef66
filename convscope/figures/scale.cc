#include "convscope/figures/scale.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <mutex>
#include <string_view>

#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What a scan has seen: the extremes are infinite while no finite value was met.
struct Seen {
  float low = kInfinity, high = -kInfinity;
  int64_t not_finite = 0, outside = 0;

  void Add(float value) {
    const bool finite = std::fabs(value) < kInfinity;  // false for NaN
    low = finite && value < low ? value : low;
    high = finite && value > high ? value : high;
    not_finite += !finite;
    outside += finite && (value < 0 || value > 1);
  }
  void Add(const Seen& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
    not_finite += other.not_finite;
    outside += other.outside;
  }
  ValueRange Range(int64_t count) const {
    const bool any = low <= high;
    return {any ? low : 0, any ? high : 0, count, not_finite, outside};
  }
};

// Lanes[j] sees every element j, j + lanes, j + 2 lanes, ...; the compiler turns independent lanes into vectors.
void Scan(const float* values, int64_t steps, std::span<Seen> lanes) {
  const auto width = static_cast<int64_t>(lanes.size());
  for (int64_t i = 0; i < steps; ++i) {
    for (int64_t j = 0; j < width; ++j) lanes[j].Add(values[i * width + j]);
  }
}

}  // namespace

std::vector<ValueRange> RangesOf(TensorView<const float> values) {
  const int64_t maps = values.shape().back(), pixels = maps == 0 ? 0 : values.size() / maps;
  std::vector<Seen> seen(maps);
  std::mutex mutex;
  ParallelRanges(pixels, 1 + (1 << 16) / std::max<int64_t>(maps, 1), [&](int64_t begin, int64_t end) {
    std::vector<Seen> here(maps);
    Scan(values.data() + begin * maps, end - begin, here);
    const std::lock_guard lock(mutex);
    for (int64_t f = 0; f < maps; ++f) seen[f].Add(here[f]);
  });
  std::vector<ValueRange> ranges;
  for (const Seen& map : seen) ranges.push_back(map.Range(pixels));
  return ranges;
}

ValueRange RangeOf(TensorView<const float> values) {
  constexpr int64_t kLanes = 16;
  ValueRange range;
  const int64_t whole = values.size() / kLanes;
  for (const ValueRange& lane : RangesOf({values.data(), {whole, kLanes}})) range = Join(range, lane);
  const int64_t rest = values.size() - whole * kLanes;
  for (const ValueRange& last : RangesOf({values.data() + whole * kLanes, {rest, 1}})) range = Join(range, last);
  return range;
}

ValueRange Join(const ValueRange& a, const ValueRange& b) {
  const bool any_a = a.count > a.not_finite, any_b = b.count > b.not_finite;
  ValueRange range = any_a ? a : b;
  if (any_a && any_b) {
    range.low = std::min(a.low, b.low);
    range.high = std::max(a.high, b.high);
  }
  range.count = a.count + b.count;
  range.not_finite = a.not_finite + b.not_finite;
  range.outside = a.outside + b.outside;
  return range;
}

Rgb8 Scale::ColorOf(float value) const {
  if (!std::isfinite(value)) return kNotFiniteColor;
  // In double: `high - low` may be beyond a float.
  const double width = static_cast<double>(high) - low;
  return Color(map, width > 0 ? static_cast<float>((value - static_cast<double>(low)) / width) : 0.5f);
}

Scale PhotographScale() {
  return {ColorMap::kGray, 0, 1};
}

Scale ScaleFor(const ValueRange& range) {
  if (range.low == 0 && range.high == 0) return {ColorMap::kDiverging, -1, 1};
  if (range.low < 0) {
    const float m = std::max(-range.low, std::fabs(range.high));
    return {ColorMap::kDiverging, -m, m};
  }
  const bool from_smallest = range.low > range.high / 2 && range.low < range.high;
  return {ColorMap::kViridis, from_smallest ? range.low : 0, range.high};
}

std::string Remark(const ValueRange& range) {
  std::string text;
  if (range.count > range.not_finite && range.low == range.high) {
    const char* which = range.not_finite == 0 ? "all " : "all others ";
    text = range.low == 0 ? Concat(which, "zero") : Concat(which, NumberText(range.low));
  }
  if (range.not_finite > 0) {
    const std::string part = Concat(range.not_finite, " of ", range.count, " values NaN or infinite (magenta)");
    text = text.empty() ? part : Concat(part, ", ", text);
  }
  return text;
}

std::string NumberText(float value, int digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return "0";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, digits);
  std::string text(buffer, end.ptr);
  // to_chars writes an exponent as C does, "e+05"; a label has no room for the sign and the zero.
  if (const size_t e = text.find('e'); e != std::string::npos) {
    const bool negative = text[e + 1] == '-';
    const size_t first = text.find_first_not_of("+-0", e + 1);
    text = Concat(text.substr(0, e + 1), negative ? "-" : "", text.substr(first));
  }
  return text;
}

}  // namespace convscope
