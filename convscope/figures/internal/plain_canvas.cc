#include "convscope/figures/internal/plain_canvas.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "convscope/base/text.h"
#include "convscope/figures/internal/raster.h"

namespace convscope::internal {
namespace {

constexpr std::string_view kRamp = " .:-=+*#%@", kNegative = " abcdefghi", kPositive = " 123456789";

// The elements of an axis of `in` that character i of `out` stands for: at least one.
struct Covered {
  int64_t begin, end;
};
Covered CoveredBy(int64_t i, int64_t in, int64_t out) {
  return {i * in / out, std::max(i * in / out + 1, (i + 1) * in / out)};
}

// The step of a ramp that stands for t, from 0 to 1.
char At(std::string_view ramp, double t) {
  return ramp[static_cast<size_t>(std::lround(std::clamp(t, 0.0, 1.0) * static_cast<double>(ramp.size() - 1)))];
}

bool IsSigned(const PanelFacts& facts) {
  return !facts.scales.empty() && facts.scales[0].map == ColorMap::kDiverging;
}

}  // namespace

std::vector<float> PlainValues(const PanelFacts& facts, int rows, int columns) {
  if (!IsSigned(facts)) return AreaMean(facts.values, rows, columns);
  const int64_t channels = facts.channels();
  std::vector<float> farthest(static_cast<size_t>(rows * columns * channels));
  for (int64_t y = 0; y < rows; ++y) {
    const Covered down = CoveredBy(y, facts.rows(), rows);
    for (int64_t x = 0; x < columns; ++x) {
      const Covered across = CoveredBy(x, facts.columns(), columns);
      for (int64_t c = 0; c < channels; ++c) {
        float& value = farthest[(y * columns + x) * channels + c];
        for (int64_t v = down.begin; v < down.end; ++v) {
          for (int64_t u = across.begin; u < across.end; ++u) {
            const float candidate = facts.values[(v * facts.columns() + u) * channels + c];
            // Once it is a NaN it stays one: no comparison with it holds.
            if (std::isnan(candidate) || std::fabs(candidate) > std::fabs(value)) value = candidate;
          }
        }
      }
    }
  }
  return farthest;
}

std::string PlainValuesRemark(const PanelFacts& facts, int rows, int columns) {
  if (!IsSigned(facts) || (rows >= facts.rows() && columns >= facts.columns())) return "";
  return "each character is the value farthest from zero of those under it";
}

char PlainCharacter(float value, const Scale& scale) {
  if (!std::isfinite(value)) return '?';
  // In double: `high - low` may be beyond a float.
  const double low = scale.low, high = scale.high;
  if (scale.map == ColorMap::kDiverging) {
    const double middle = (low + high) / 2;
    return At(value < middle ? kNegative : kPositive, std::fabs(value - middle) / (high - middle));
  }
  return At(kRamp, high > low ? (value - low) / (high - low) : 0.5);
}

std::string PlainLegend(const ColorBar& bar) {
  if (bar.constant) return Concat("one value: ", NumberText(*bar.constant));
  const std::string low = (bar.below ? " <= " : " = ") + NumberText(bar.scale.low);
  const std::string high = (bar.above ? " >= " : " = ") + NumberText(bar.scale.high);
  return bar.scale.map == ColorMap::kDiverging
             ? Concat("scale: ", kNegative.back(), low, " ... ", kNegative[1], ", blank = 0, ", kPositive[1], " ... ",
                      kPositive.back(), high)
             : Concat("scale: blank", low, ", then ", kRamp.substr(1, kRamp.size() - 2), ", ", kRamp.back(), high);
}

std::vector<std::string> PlainLines(const std::vector<float>& values, int rows, int columns, const PanelFacts& facts,
                                    int64_t channel) {
  const int64_t channels = facts.channels();
  std::vector<std::string> lines;
  for (int64_t y = 0; y < rows; ++y) {
    std::string& line = lines.emplace_back();
    for (int64_t x = 0; x < columns; ++x) {
      const float* pixel = values.data() + (y * columns + x) * channels;
      const float* const rgb = facts.is_color_picture ? pixel + 3 * channel : pixel;
      // Of the stored values, as photographs in grey are drawn.
      line += facts.is_color_picture
                  ? PlainCharacter(0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2], PhotographScale())
                  : PlainCharacter(pixel[channel], facts.scales[static_cast<size_t>(channel)]);
    }
  }
  return lines;
}

}  // namespace convscope::internal
