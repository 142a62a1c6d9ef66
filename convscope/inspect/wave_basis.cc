#include "convscope/inspect/wave_basis.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "convscope/base/parallel.h"

namespace convscope {
namespace {

// (n, n): wave k at pixel i.
std::vector<float> Waves(int64_t n) {
  std::vector<float> waves(static_cast<size_t>(n * n));
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t i = 0; i < n; ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * i % n) / static_cast<double>(n);
      waves[static_cast<size_t>(k * n + i)] =
          static_cast<float>((std::cos(angle) + std::sin(angle)) / std::sqrt(static_cast<double>(n)));
    }
  }
  return waves;
}

// Waves a pixel.
double Frequency(int64_t k, int64_t n) {
  return static_cast<double>(std::min(k, n - k)) / static_cast<double>(n);
}

}  // namespace

WaveBasis::WaveBasis(int64_t rows, int64_t columns)
    : rows_(rows), columns_(columns), along_rows_(Waves(rows)), along_columns_(Waves(columns)) {
  const double least = 1 / static_cast<double>(std::max(rows, columns));
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      const double frequency = std::max(std::hypot(Frequency(y, rows), Frequency(x, columns)), least);
      loudness_.push_back(static_cast<float>(1 / (4 * frequency)));
    }
  }
}

// to[k, l, c] = sum over y and x of rows[k, y] from[y, x, c] columns[x, l].
void WaveBasis::Transform(TensorView<const float> from, TensorView<float> to) const {
  const int64_t channels = from.shape()[2], line = columns_ * channels;
  std::vector<float> between(static_cast<size_t>(rows_ * line));
  ParallelFor(rows_, [&](int64_t k) {
    float* const sums = between.data() + k * line;
    for (int64_t y = 0; y < rows_; ++y) {
      const float wave = along_rows_[static_cast<size_t>(k * rows_ + y)];
      const float* const pixels = from.data() + y * line;
      for (int64_t i = 0; i < line; ++i) sums[i] += wave * pixels[i];
    }
  });
  ParallelFor(rows_, [&](int64_t k) {
    const float* const pixels = between.data() + k * line;
    std::vector<float> sums(static_cast<size_t>(columns_));
    for (int64_t c = 0; c < channels; ++c) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (int64_t x = 0; x < columns_; ++x) {
        const float pixel = pixels[x * channels + c];
        const float* const wave = along_columns_.data() + x * columns_;
        for (int64_t l = 0; l < columns_; ++l) sums[static_cast<size_t>(l)] += pixel * wave[l];
      }
      for (int64_t l = 0; l < columns_; ++l) to[k * line + l * channels + c] = sums[static_cast<size_t>(l)];
    }
  });
}

void WaveBasis::Compose(TensorView<const float> amplitudes, TensorView<float> picture) const {
  Tensor loud(amplitudes.shape());
  const int64_t channels = amplitudes.shape()[2];
  for (int64_t i = 0; i < loud.size(); ++i) {
    loud.data()[i] = amplitudes[i] * loudness_[static_cast<size_t>(i / channels)];
  }
  Transform(std::as_const(loud).view(), picture);
}

void WaveBasis::Gradient(TensorView<const float> picture, TensorView<float> amplitudes) const {
  Transform(picture, amplitudes);
  const int64_t channels = amplitudes.shape()[2];
  for (int64_t i = 0; i < amplitudes.size(); ++i) amplitudes[i] *= loudness_[static_cast<size_t>(i / channels)];
}

void WaveBasis::Decompose(TensorView<const float> picture, TensorView<float> amplitudes) const {
  Transform(picture, amplitudes);
  const int64_t channels = amplitudes.shape()[2];
  for (int64_t i = 0; i < amplitudes.size(); ++i) amplitudes[i] /= loudness_[static_cast<size_t>(i / channels)];
}

}  // namespace convscope
