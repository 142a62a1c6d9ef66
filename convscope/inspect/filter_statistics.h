// Numbers about weights: what values a parameter has, how strong each filter is, which filters are nearly the same.
// Nothing here looks at pictures (channel_maxima.h does).
#ifndef CONVSCOPE_INSPECT_FILTER_STATISTICS_H_
#define CONVSCOPE_INSPECT_FILTER_STATISTICS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// Of the finite values; all 0 where there are none.
struct ValueStatistics {
  int64_t count = 0;       // values in all
  int64_t not_finite = 0;  // NaN or infinite
  int64_t zeros = 0;
  double minimum = 0, maximum = 0, mean = 0;
  double deviation = 0;  // standard, divided by n
  double norm = 0;       // Euclidean
};
ValueStatistics StatisticsOf(TensorView<const float> values);

// Bars of one width from `low` to `high`: value v is counted in bar floor((v - low) / width), the highest in the last.
struct Histogram {
  double low = 0, high = 0;
  std::vector<int64_t> counts;

  double width() const { return (high - low) / static_cast<double>(counts.size()); }
};

// Of the finite values, in `bars` bars, at least 1. Where values of both signs are there it reaches as far below zero
// as above it. Where all are one value, that is the middle of a histogram 1 wide, of a huge one 2^-19 of it.
Histogram HistogramOf(TensorView<const float> values, int bars = 40);

// The Euclidean norm of each filter of `filters` (R, S, C, F): F of them. A filter whose norm is 0 is dead.
std::vector<double> FilterNorms(const Tensor& filters);

// The Euclidean norm of each plane of `filters` (R, S, C, F): (C, F), row-major.
std::vector<double> PlaneNorms(const Tensor& filters);

struct NearDuplicate {
  int64_t a = 0, b = 0;  // filters, a < b
  double cosine = 0;     // of the angle between them, as vectors; below 0: one is nearly the negative of the other
};

// Pairs whose cosine similarity is at least `threshold`, or at most its negative, the largest of them first whatever
// their sign; a dead filter is like no other, and one
// that holds NaN or infinity neither. None where the pairs would take more than kMostProducts multiplications.
inline constexpr double kMostProducts = 1e10;
std::optional<std::vector<NearDuplicate>> NearDuplicates(const Tensor& filters, double threshold);

// How a filter answers to waves: the magnitude of the two-dimensional Fourier transform of each kernel of `filters`
// (R, S, C, F), padded with zeros to (size, size), size odd and at least R and S; over the input channels the root of
// the sum of squares. (size, size, F); the constant (frequency 0) in the middle, at the borders waves of nearly two
// pixels; rows are vertical frequencies. Filter (i, j) of the result is at frequency ((i - size / 2) / size, ...)
// cycles a pixel.
Tensor FrequencyResponse(const Tensor& filters, int64_t size);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_FILTER_STATISTICS_H_
