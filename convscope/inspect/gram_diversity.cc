#include "convscope/inspect/gram_diversity.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/parallel.h"

namespace convscope {
namespace {

using Matrix = std::vector<double>;  // (C, C)

double Dot(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// maps (places, C)
Matrix Gram(const float* maps, int64_t places, int64_t channels) {
  Matrix gram(static_cast<size_t>(channels * channels));
  for (int64_t p = 0; p < places; ++p) {
    const float* const values = maps + p * channels;
    for (int64_t a = 0; a < channels; ++a) {
      const double value = values[a];
      if (value == 0) continue;  // most are, after a rectifier
      double* const row = gram.data() + a * channels;
      for (int64_t b = 0; b < channels; ++b) row[b] += value * static_cast<double>(values[b]);
    }
  }
  return gram;
}

}  // namespace

double GramSimilarity(const Tensor& maps, Tensor& gradient) {
  const int64_t count = maps.shape()[0], channels = maps.shape().back();
  const int64_t places = maps.size() / count / channels;
  std::vector<Matrix> grams(static_cast<size_t>(count));
  ParallelFor(count, [&](int64_t i) {
    grams[static_cast<size_t>(i)] = Gram(maps.data() + i * places * channels, places, channels);
  });
  std::vector<double> norms;
  for (const Matrix& gram : grams) norms.push_back(std::sqrt(Dot(gram, gram)));
  const double pairs = static_cast<double>(count) * static_cast<double>(count - 1) / 2;
  double mean = 0;
  std::vector<Matrix> slopes(grams.size(), Matrix(grams[0].size()));  // of the mean, by each matrix
  for (size_t i = 0; i < grams.size(); ++i) {
    for (size_t j = i + 1; j < grams.size(); ++j) {
      if (norms[i] == 0 || norms[j] == 0) continue;
      const double cosine = Dot(grams[i], grams[j]) / (norms[i] * norms[j]);
      mean += cosine / pairs;
      for (size_t e = 0; e < grams[i].size(); ++e) {
        slopes[i][e] += (grams[j][e] / (norms[i] * norms[j]) - cosine * grams[i][e] / (norms[i] * norms[i])) / pairs;
        slopes[j][e] += (grams[i][e] / (norms[i] * norms[j]) - cosine * grams[j][e] / (norms[j] * norms[j])) / pairs;
      }
    }
  }
  // Of sum over a and b of S[a, b] x[a] x[b], with a symmetric S: 2 S x.
  ParallelFor(count * places, [&](int64_t p) {
    const Matrix& slope = slopes[static_cast<size_t>(p / places)];
    const float* const values = maps.data() + p * channels;
    std::vector<double> sums(static_cast<size_t>(channels));
    for (int64_t a = 0; a < channels; ++a) {
      const double value = values[a];
      if (value == 0) continue;
      for (int64_t b = 0; b < channels; ++b)
        sums[static_cast<size_t>(b)] += 2 * value * slope[static_cast<size_t>(a * channels + b)];
    }
    float* const out = gradient.data() + p * channels;
    for (int64_t b = 0; b < channels; ++b) out[b] = static_cast<float>(sums[static_cast<size_t>(b)]);
  });
  return mean;
}

}  // namespace convscope
