// Which values a figure's colours stand for, chosen by one rule, and what a reader must be told about them.
#ifndef CONVSCOPE_FIGURES_SCALE_H_
#define CONVSCOPE_FIGURES_SCALE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/figures/color_map.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// What the values of a map are like. Extremes are those of the finite values; both 0 when there are none.
struct ValueRange {
  float low = 0, high = 0;
  int64_t count = 0;       // values
  int64_t not_finite = 0;  // NaN or infinite among them
  int64_t outside = 0;     // finite ones below 0 or above 1: what a photograph clips
  float usual = 0;         // 99.5 % of the finite values are at most this far from zero, by a sample of them

  bool all_zero() const { return count > 0 && not_finite == 0 && low == 0 && high == 0; }
  // One value, but for the rounding of the float32 sums behind it: as the mean of all classes' probabilities is.
  bool one_value() const;
};

// One pass over `values` (any shape), on all cores; a sample of them is sorted for `usual`.
ValueRange RangeOf(TensorView<const float> values);

// The same without `usual`, which stays 0: all that a line of text needs, in half the time.
ValueRange ExtremesOf(TensorView<const float> values);

// The range of each map of `values` (..., F), in one pass.
std::vector<ValueRange> RangesOf(TensorView<const float> values);

// The range of two maps together: for one scale over several layers.
ValueRange Join(const ValueRange& a, const ValueRange& b);

// `low` and `high` take the colours at 0 and 1; what lies outside takes the nearer one.
struct Scale {
  ColorMap map = ColorMap::kGray;
  float low = 0, high = 1;

  // Of `value` on this scale; kNotFiniteColor for NaN and infinity.
  Rgb8 ColorOf(float value) const;
  // Of values[0], values[step], ..., `count` in all, to colors[0], colors[1], ...
  void ColorsOf(const float* values, int64_t step, int64_t count, Rgb8* colors) const;

  bool operator==(const Scale&) const = default;
};

// Grey from 0 to 1, however much of it a photograph uses.
Scale PhotographScale();

// The scale of a computed map, by the signs of its values:
// - some negative: diverging, from -m to m, where m is the largest absolute value, so that zero is neutral;
// - none negative: viridis from 0 to the largest, m, or, when that would leave more than half of the colours unused,
//   from the smallest to the largest;
// - all zero: the diverging map from -1 to 1, so that the map is drawn as zero and not stretched.
// In a map of 4,096 values or more, m is `usual` instead where the largest is more than twice that: else a few bright
// pixels would leave all others without colour. What lies beyond a scale is always said beside it.
Scale ScaleFor(const ValueRange& range);

// About zero, which is neutral, also where no value is negative: for what is weighed by its sign, kernels and
// differences.
Scale SignedScaleFor(const ValueRange& range);

// What must be said about the values beside the colour bar: "all zero", "all 0.25", "3 of 400 values are NaN or
// infinite (magenta)"; empty when there is nothing to say. `not_finite` is what NaN and infinity are drawn as.
std::string Remark(const ValueRange& range, std::string_view not_finite = "magenta");

// A number for a label: at most `digits` significant digits, no longer than needed ("-1", "0.0625", "1.2e-5").
std::string NumberText(float value, int digits = 4);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_SCALE_H_
