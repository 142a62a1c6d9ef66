#include "convscope/figures/internal/raster.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/parallel.h"

namespace convscope::internal {
namespace {

// Which elements of an axis of `in` lie under element i of the same axis in `out` steps, and how much of each.
struct Cover {
  int64_t first, last;  // both included
  double begin, end;    // in elements of `in`

  Cover(int64_t i, int64_t in, int64_t out)
      : first(i * in / out),
        last(((i + 1) * in - 1) / out),
        begin(static_cast<double>(i * in) / static_cast<double>(out)),
        end(static_cast<double>((i + 1) * in) / static_cast<double>(out)) {}

  // The part that element j has in the mean; those of all j add up to 1, so that no sum can overflow.
  float Weight(int64_t j) const {
    const double inside = std::min(end, static_cast<double>(j + 1)) - std::max(begin, static_cast<double>(j));
    return static_cast<float>(inside / (end - begin));
  }
};

}  // namespace

std::vector<float> AreaMean(TensorView<const float> values, int64_t rows, int64_t columns) {
  const int64_t in_rows = values.shape()[0], in_columns = values.shape()[1], channels = values.shape()[2];
  if (rows == in_rows && columns == in_columns) return {values.data(), values.data() + values.size()};
  const int64_t in_width = in_columns * channels;
  std::vector<float> means(static_cast<size_t>(rows * columns * channels));
  ParallelRanges(rows, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> row(static_cast<size_t>(in_width));  // the mean of the rows, before that of the columns
    for (int64_t y = begin; y < end; ++y) {
      std::fill(row.begin(), row.end(), 0.0f);
      const Cover over_rows(y, in_rows, rows);
      for (int64_t r = over_rows.first; r <= over_rows.last; ++r) {
        const float weight = over_rows.Weight(r);
        const float* in = values.data() + r * in_width;
        for (int64_t i = 0; i < in_width; ++i) row[i] += weight * in[i];
      }
      float* out = means.data() + y * columns * channels;
      for (int64_t x = 0; x < columns; ++x, out += channels) {
        const Cover over_columns(x, in_columns, columns);
        for (int64_t c = over_columns.first; c <= over_columns.last; ++c) {
          const float weight = over_columns.Weight(c);
          for (int64_t k = 0; k < channels; ++k) out[k] += weight * row[c * channels + k];
        }
      }
    }
  });
  return means;
}

Raster ColorMapOf(const std::vector<float>& values, int64_t rows, int64_t columns, int64_t channels, int64_t channel,
                  const Scale& scale) {
  Raster raster{static_cast<int>(columns), static_cast<int>(rows), {}};
  raster.pixels.resize(static_cast<size_t>(rows * columns));
  ParallelRanges(rows * columns, 1 << 14, [&](int64_t begin, int64_t end) {
    scale.ColorsOf(values.data() + begin * channels + channel, channels, end - begin, raster.pixels.data() + begin);
  });
  return raster;
}

Rgb8 OverlayColor(float value, float grey, const Scale& scale) {
  if (!std::isfinite(value)) return kNotFiniteColor;
  const Rgb8 color = scale.ColorOf(value);
  // In double: `high - low` may be beyond a float.
  const double low = scale.low, high = scale.high, v = std::clamp(static_cast<double>(value), low, high);
  const double at = high > low ? (v - low) / (high - low) : 0;
  const double strength = scale.map == ColorMap::kDiverging ? std::fabs(2 * at - 1) : at;
  // The photograph keeps some of its contrast under the strongest values, and stays off the ends of grey, where no
  // colour would show.
  constexpr double kMostOpaque = 0.85, kDarkest = 0.1, kLightest = 0.9;
  const double light = std::isfinite(grey) ? std::clamp(static_cast<double>(grey), 0.0, 1.0) : 0.5;
  const double under = 255 * (kDarkest + (kLightest - kDarkest) * light), opaque = kMostOpaque * strength;
  const auto level = [&](uint8_t over) { return static_cast<uint8_t>(opaque * over + (1 - opaque) * under + 0.5); };
  return {level(color.r), level(color.g), level(color.b)};
}

Raster OverlayOf(const std::vector<float>& values, const std::vector<float>& photograph, int64_t rows, int64_t columns,
                 int64_t channels, const Scale& scale) {
  Raster raster{static_cast<int>(columns), static_cast<int>(rows), {}};
  raster.pixels.resize(static_cast<size_t>(rows * columns));
  ParallelRanges(rows * columns, 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* pixel = photograph.data() + i * channels;
      const float grey = channels == 1 ? pixel[0] : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
      raster.pixels[i] = OverlayColor(values[i], grey, scale);
    }
  });
  return raster;
}

Raster ColorPictureOf(const std::vector<float>& values, int64_t rows, int64_t columns, int64_t channels,
                      int64_t picture) {
  Raster raster{static_cast<int>(columns), static_cast<int>(rows), {}};
  raster.pixels.resize(static_cast<size_t>(rows * columns));
  const auto level = [](float v) { return static_cast<uint8_t>(std::clamp(v, 0.0f, 1.0f) * 255.0f + 0.5f); };
  ParallelRanges(rows * columns, 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* const pixel = values.data() + i * channels + 3 * picture;
      const float r = pixel[0], g = pixel[1], b = pixel[2];
      const bool finite = std::isfinite(r) && std::isfinite(g) && std::isfinite(b);
      raster.pixels[i] = finite ? Rgb8{level(r), level(g), level(b)} : kNotFiniteColor;
    }
  });
  return raster;
}

}  // namespace convscope::internal
