#include "convscope/figures/scale.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <mutex>
#include <span>
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// With fewer values than this, half a percent is a handful, and may be what the map is about.
constexpr int64_t kLeastForUsual = 4096;

// What a scan has seen in each map, one array a property, so that the compiler turns neighbouring maps into vectors.
// The extremes are infinite while no finite value was met.
struct Seen {
  std::vector<float> low, high;
  std::vector<int64_t> not_finite, outside;

  explicit Seen(int64_t maps) : low(maps, kInfinity), high(maps, -kInfinity), not_finite(maps), outside(maps) {}

  // Values (pixels, maps).
  void Scan(const float* values, int64_t pixels) {
    const auto maps = static_cast<int64_t>(low.size());
    std::vector<int32_t> bad(maps), beyond(maps);
    constexpr int64_t kBlock = 1 << 20;  // pixels that 32 bits count
    for (int64_t begin = 0; begin < pixels; begin += kBlock) {
      for (int64_t i = begin; i < std::min(pixels, begin + kBlock); ++i) {
        ScanPixel(values + i * maps, maps, low.data(), high.data(), bad.data(), beyond.data());
      }
      for (int64_t f = 0; f < maps; ++f) {
        not_finite[f] += std::exchange(bad[f], 0);
        outside[f] += std::exchange(beyond[f], 0);
      }
    }
  }

  static void ScanPixel(const float* __restrict values, int64_t maps, float* __restrict low, float* __restrict high,
                        int32_t* __restrict bad, int32_t* __restrict beyond) {
    for (int64_t f = 0; f < maps; ++f) {
      const float v = values[f];
      const bool finite = std::fabs(v) < kInfinity;  // false for NaN
      low[f] = finite & (v < low[f]) ? v : low[f];
      high[f] = finite & (v > high[f]) ? v : high[f];
      bad[f] += finite ? 0 : 1;
      beyond[f] += finite & ((v < 0) | (v > 1)) ? 1 : 0;
    }
  }

  // Of one map, but for `usual`.
  ValueRange RangeOf(int64_t f, int64_t pixels) const {
    const bool any = low[f] <= high[f];
    return {any ? low[f] : 0, any ? high[f] : 0, pixels, not_finite[f], outside[f]};
  }

  void Add(const Seen& other) {
    for (size_t f = 0; f < low.size(); ++f) {
      low[f] = std::min(low[f], other.low[f]);
      high[f] = std::max(high[f], other.high[f]);
      not_finite[f] += other.not_finite[f];
      outside[f] += other.outside[f];
    }
  }
};

Seen ScanAll(const float* values, int64_t pixels, int64_t maps) {
  Seen seen(maps);
  std::mutex mutex;
  ParallelRanges(pixels, 1 + (1 << 16) / std::max<int64_t>(maps, 1), [&](int64_t begin, int64_t end) {
    Seen here(maps);
    here.Scan(values + begin * maps, end - begin);
    const std::lock_guard lock(mutex);
    seen.Add(here);
  });
  return seen;
}

// ValueRange::usual of the `count` values at values[0], values[step], ...
float UsualOf(const float* values, int64_t count, int64_t step) {
  constexpr int64_t kMostSamples = 8192;
  const int64_t samples = std::min(count, kMostSamples);
  std::vector<float> sizes;
  for (int64_t i = 0; i < samples; ++i) {
    // Steps of the golden ratio spread evenly and hit no column of a picture more often than others.
    constexpr double kGolden = 0.6180339887498949;
    const double at = static_cast<double>(i) * kGolden;
    const auto index = samples == count ? i : static_cast<int64_t>((at - std::floor(at)) * static_cast<double>(count));
    const float size = std::fabs(values[index * step]);
    if (size < kInfinity) sizes.push_back(size);
  }
  if (sizes.empty()) return 0;
  const auto place = sizes.begin() + static_cast<ptrdiff_t>((sizes.size() - 1) * 995 / 1000);
  std::nth_element(sizes.begin(), place, sizes.end());
  return *place;
}

}  // namespace

bool ValueRange::one_value() const {
  constexpr double kRounding = 1e-6;  // some steps of float32
  const double most = std::max(std::fabs(low), std::fabs(high));
  return static_cast<double>(high) - low <= kRounding * most;
}

std::vector<ValueRange> RangesOf(TensorView<const float> values) {
  const int64_t maps = values.shape().back(), pixels = maps == 0 ? 0 : values.size() / maps;
  const Seen seen = ScanAll(values.data(), pixels, maps);
  std::vector<ValueRange> ranges(maps);
  ParallelRanges(maps, 4, [&](int64_t begin, int64_t end) {
    for (int64_t f = begin; f < end; ++f) {
      ranges[f] = seen.RangeOf(f, pixels);
      ranges[f].usual = UsualOf(values.data() + f, pixels, maps);
    }
  });
  return ranges;
}

ValueRange ExtremesOf(TensorView<const float> values) {
  // Scanned as if it were as many maps as fill a few vectors, and one for what is left over.
  constexpr int64_t kLanes = 32;
  const int64_t steps = values.size() / kLanes, rest = values.size() - steps * kLanes;
  const Seen lanes = ScanAll(values.data(), steps, kLanes);
  ValueRange range = ScanAll(values.data() + steps * kLanes, rest, 1).RangeOf(0, rest);
  for (int64_t f = 0; f < kLanes; ++f) range = Join(range, lanes.RangeOf(f, steps));
  return range;
}

ValueRange RangeOf(TensorView<const float> values) {
  ValueRange range = ExtremesOf(values);
  range.usual = UsualOf(values.data(), values.size(), 1);
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
  range.usual = std::max(a.usual, b.usual);
  return range;
}

Rgb8 Scale::ColorOf(float value) const {
  Rgb8 color;
  ColorsOf(&value, 1, 1, &color);
  return color;
}

void Scale::ColorsOf(const float* values, int64_t step, int64_t count, Rgb8* colors) const {
  const std::span<const Rgb8> palette = Palette(map);
  const auto last = static_cast<double>(palette.size() - 1);
  // In double: `high - low` may be beyond a float. A scale without width has the middle colour alone.
  const double width = static_cast<double>(high) - low;
  const double factor = width > 0 ? last / width : 0;
  const double offset = width > 0 ? 0.5 : last / 2;
  for (int64_t i = 0; i < count; ++i) {
    const float value = values[i * step];
    const double place = std::clamp((static_cast<double>(value) - low) * factor + offset, 0.0, last);
    // The conversion of a NaN would be undefined; no finite value gets here as one.
    colors[i] = std::fabs(value) < kInfinity ? palette[static_cast<size_t>(place)] : kNotFiniteColor;
  }
}

Scale PhotographScale() {
  return {ColorMap::kGray, 0, 1};
}

Scale ScaleFor(const ValueRange& range) {
  if (range.low == 0 && range.high == 0) return {ColorMap::kDiverging, -1, 1};
  float m = std::max(std::fabs(range.low), std::fabs(range.high));
  if (range.count >= kLeastForUsual && range.usual > 0 && range.usual < m / 2) m = range.usual;
  if (range.low < 0) return {ColorMap::kDiverging, -m, m};
  const bool from_smallest = range.low > m / 2 && !range.one_value();
  return {ColorMap::kViridis, from_smallest ? range.low : 0, m};
}

Scale SignedScaleFor(const ValueRange& range) {
  const float m = std::max(std::fabs(range.low), std::fabs(range.high));
  return m > 0 ? Scale{ColorMap::kDiverging, -m, m} : Scale{ColorMap::kDiverging, -1, 1};
}

std::string Remark(const ValueRange& range, std::string_view not_finite) {
  std::string text;
  if (range.count > range.not_finite && range.low == range.high) {
    const char* which = range.not_finite == 0 ? "all " : "all others ";
    text = range.low == 0 ? Concat(which, "zero") : Concat(which, NumberText(range.low));
  }
  if (range.not_finite > 0) {
    const std::string part =
        Concat(range.not_finite, " of ", range.count, " values NaN or infinite (", not_finite, ")");
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
