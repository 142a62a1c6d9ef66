#include "convscope/inspect/filter_statistics.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Filters (R, S, C, F) as F rows, each of length 1; zero where the norm is zero or no number.
std::vector<float> UnitRows(const Tensor& filters, const std::vector<double>& norms) {
  const int64_t count = filters.shape()[3], length = filters.size() / count;
  std::vector<float> rows(static_cast<size_t>(filters.size()));
  ParallelFor(count, [&](int64_t f) {
    const double norm = norms[static_cast<size_t>(f)];
    if (!(norm > 0) || !std::isfinite(norm)) return;
    for (int64_t i = 0; i < length; ++i) {
      rows[static_cast<size_t>(f * length + i)] =
          static_cast<float>(static_cast<double>(filters.data()[i * count + f]) / norm);
    }
  });
  return rows;
}

// In eight sums, so that they need not wait for one another.
double Product(const float* a, const float* b, int64_t length) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= length; i += 8) {
    for (int64_t k = 0; k < 8; ++k) sums[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
  }
  for (; i < length; ++i) sums[i % 8] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

}  // namespace

ValueStatistics StatisticsOf(TensorView<const float> values) {
  ValueStatistics result{.count = values.size()};
  double sum = 0, squares = 0;
  int64_t finite = 0;
  for (const float value : values.span()) {
    if (!std::isfinite(value)) {
      ++result.not_finite;
      continue;
    }
    const auto v = static_cast<double>(value);
    result.minimum = finite == 0 ? v : std::min(result.minimum, v);
    result.maximum = finite == 0 ? v : std::max(result.maximum, v);
    result.zeros += v == 0 ? 1 : 0;
    sum += v;
    squares += v * v;
    ++finite;
  }
  if (finite == 0) return result;
  result.mean = sum / static_cast<double>(finite);
  result.norm = std::sqrt(squares);
  double spread = 0;
  for (const float value : values.span()) {
    const double off = static_cast<double>(value) - result.mean;
    if (std::isfinite(value)) spread += off * off;
  }
  result.deviation = std::sqrt(spread / static_cast<double>(finite));
  return result;
}

Histogram HistogramOf(TensorView<const float> values, int bars) {
  const ValueStatistics statistics = StatisticsOf(values);
  Histogram result{.low = statistics.minimum, .high = statistics.maximum, .counts = std::vector<int64_t>(bars, 0)};
  if (result.low < 0 && result.high > 0) {
    result.high = std::max(result.high, -result.low);
    result.low = -result.high;
  }
  if (result.low == result.high) {
    // A half more or less is no other number where the value is huge.
    const double half = std::max(0.5, std::ldexp(std::abs(result.low), -20));
    result.low -= half;
    result.high += half;
  }
  const double width = result.width();
  for (const float value : values.span()) {
    if (!std::isfinite(value)) continue;
    const auto bar = static_cast<int64_t>((static_cast<double>(value) - result.low) / width);
    ++result.counts[static_cast<size_t>(std::clamp<int64_t>(bar, 0, bars - 1))];
  }
  return result;
}

std::vector<double> FilterNorms(const Tensor& filters) {
  const auto count = static_cast<size_t>(filters.shape()[3]);
  std::vector<double> norms(count, 0.0);
  for (int64_t i = 0; i < filters.size(); ++i) {
    const auto value = static_cast<double>(filters.data()[i]);
    norms[static_cast<size_t>(i) % count] += value * value;
  }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

std::vector<double> PlaneNorms(const Tensor& filters) {
  const Shape& shape = filters.shape();
  const auto planes = static_cast<size_t>(shape[2] * shape[3]);
  std::vector<double> norms(planes, 0.0);
  for (int64_t i = 0; i < filters.size(); ++i) {
    const auto value = static_cast<double>(filters.data()[i]);
    norms[static_cast<size_t>(i) % planes] += value * value;
  }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

std::optional<std::vector<NearDuplicate>> NearDuplicates(const Tensor& filters, double threshold) {
  const int64_t count = filters.shape()[3], length = filters.size() / std::max<int64_t>(1, count);
  if (0.5 * static_cast<double>(count) * static_cast<double>(count) * static_cast<double>(length) > kMostProducts) {
    return std::nullopt;
  }
  const std::vector<double> norms = FilterNorms(filters);
  const std::vector<float> rows = UnitRows(filters, norms);
  const auto alive = [&](int64_t f) {
    const double norm = norms[static_cast<size_t>(f)];
    return norm > 0 && std::isfinite(norm);
  };
  std::vector<std::vector<NearDuplicate>> found(static_cast<size_t>(count));
  ParallelFor(count, [&](int64_t a) {
    for (int64_t b = a + 1; alive(a) && b < count; ++b) {
      const double cosine = Product(rows.data() + a * length, rows.data() + b * length, length);
      if (alive(b) && std::abs(cosine) >= threshold) found[static_cast<size_t>(a)].push_back({a, b, cosine});
    }
  });
  std::vector<NearDuplicate> pairs;
  for (const auto& of_filter : found) pairs.insert(pairs.end(), of_filter.begin(), of_filter.end());
  std::stable_sort(pairs.begin(), pairs.end(), [](const NearDuplicate& x, const NearDuplicate& y) {
    return std::abs(x.cosine) > std::abs(y.cosine);
  });
  return pairs;
}

Tensor FrequencyResponse(const Tensor& filters, int64_t size) {
  const Shape& shape = filters.shape();
  const int64_t rows = shape[0], columns = shape[1], channels = shape[2], count = shape[3];
  if (size % 2 == 0 || size < rows || size < columns) {
    throw Error({.where = "frequency response",
                 .rule = Concat("its size is odd and at least that of the kernels, ", rows, " x ", columns),
                 .received = Concat(size)});
  }
  // exp(-2 pi i k p / size) for k - size / 2 cycles and place p.
  using Complex = std::complex<double>;
  const auto wave = [&](int64_t k, int64_t place) {
    const double turn = static_cast<double>((k - size / 2) * place) / static_cast<double>(size);
    return std::polar(1.0, -2 * std::numbers::pi * turn);
  };
  const int64_t longest = std::max(rows, columns);
  std::vector<Complex> waves(static_cast<size_t>(size * longest));
  for (int64_t k = 0; k < size; ++k) {
    for (int64_t p = 0; p < longest; ++p) waves[static_cast<size_t>(k * longest + p)] = wave(k, p);
  }
  Tensor response({size, size, count});
  ParallelFor(count, [&](int64_t f) {
    std::vector<double> power(static_cast<size_t>(size * size), 0.0);
    std::vector<Complex> across(static_cast<size_t>(rows * size));  // transformed along the columns
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t l = 0; l < size; ++l) {
          Complex sum = 0;
          for (int64_t s = 0; s < columns; ++s) {
            const auto value = static_cast<double>(filters.data()[((r * columns + s) * channels + c) * count + f]);
            sum += value * waves[static_cast<size_t>(l * longest + s)];
          }
          across[static_cast<size_t>(r * size + l)] = sum;
        }
      }
      for (int64_t k = 0; k < size; ++k) {
        for (int64_t l = 0; l < size; ++l) {
          Complex sum = 0;
          for (int64_t r = 0; r < rows; ++r) {
            sum += across[static_cast<size_t>(r * size + l)] * waves[static_cast<size_t>(k * longest + r)];
          }
          power[static_cast<size_t>(k * size + l)] += std::norm(sum);
        }
      }
    }
    for (int64_t i = 0; i < size * size; ++i) {
      response.data()[i * count + f] = static_cast<float>(std::sqrt(power[static_cast<size_t>(i)]));
    }
  });
  return response;
}

}  // namespace convscope
