#include "convscope/inspect/attribution/cam.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/axis_taps.h"

namespace convscope {
namespace {

// NaN stays NaN.
template <typename T>
T Positive(T value) {
  return value < 0 ? T{0} : value;
}

// How the maps of a layer lie in memory: places one after the other, their channels together.
struct Layer {
  int64_t places, channels;
  explicit Layer(TensorView<const float> maps) : places(maps.shape()[0] * maps.shape()[1]), channels(maps.shape()[2]) {}
};

// One place of a linear resize along an axis.
AxisTaps LinearAxis(int64_t in, int64_t out) {
  const double step = static_cast<double>(in) / static_cast<double>(out), reach = std::max(step, 1.0);
  AxisTaps axis{.in = in, .taps = {}};
  for (int64_t o = 0; o < out; ++o) {
    // A centre beyond those of the border has the border's value.
    const double centre = std::clamp((static_cast<double>(o) + 0.5) * step - 0.5, 0.0, static_cast<double>(in - 1));
    std::vector<Tap>& taps = axis.taps.emplace_back();
    double sum = 0;
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - reach)));
    const auto last = std::min<int64_t>(in - 1, static_cast<int64_t>(std::floor(centre + reach)));
    for (int64_t i = first; i <= last; ++i) {
      const double weight = 1 - std::abs(static_cast<double>(i) - centre) / reach;
      if (weight <= 0) continue;
      taps.push_back({i, weight});
      sum += weight;
    }
    for (Tap& tap : taps) tap.weight /= sum;
  }
  return axis;
}

// The products of all pairs of rows of `matrix` (rows, columns), or with `of_columns` of its columns: (n, n),
// row-major.
std::vector<double> Products(const float* matrix, int64_t rows, int64_t columns, bool of_columns) {
  const int64_t n = of_columns ? columns : rows;
  std::vector<double> products(static_cast<size_t>(n * n));
  ParallelRanges(n, 4, [&](int64_t begin, int64_t end) {
    for (int64_t a = begin; a < end; ++a) {
      double* const row = products.data() + a * n;
      if (of_columns) {
        for (int64_t place = 0; place < rows; ++place) {
          const float* values = matrix + place * columns;
          const auto factor = static_cast<double>(values[a]);
          for (int64_t b = 0; b < n; ++b) row[b] += factor * static_cast<double>(values[b]);
        }
      } else {
        for (int64_t b = 0; b < n; ++b) {
          double sum = 0;
          for (int64_t k = 0; k < columns; ++k) {
            sum += static_cast<double>(matrix[a * columns + k]) * static_cast<double>(matrix[b * columns + k]);
          }
          row[b] = sum;
        }
      }
    }
  });
  return products;
}

// The eigenvector of the largest eigenvalue of a symmetric matrix (n, n) without negative eigenvalues, of length 1, by
// the power method; all zero for a zero matrix.
std::vector<double> FirstEigenvector(const std::vector<double>& matrix, int64_t n) {
  const auto scaled = [](std::vector<double>& vector) {
    double squares = 0;
    for (const double value : vector) squares += value * value;
    const double length = std::sqrt(squares);
    if (length == 0) return;
    for (double& value : vector) value /= length;
  };
  // The row with the largest diagonal: no eigenvector of an eigenvalue that matters is at a right angle to all rows.
  int64_t start = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (matrix[static_cast<size_t>(i * n + i)] > matrix[static_cast<size_t>(start * n + start)]) start = i;
  }
  std::vector<double> vector(matrix.begin() + start * n, matrix.begin() + (start + 1) * n);
  scaled(vector);
  constexpr int kMostTurns = 5000;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    std::vector<double> next(vector.size());
    ParallelRanges(n, 64, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        double sum = 0;
        for (int64_t k = 0; k < n; ++k) sum += matrix[static_cast<size_t>(i * n + k)] * vector[static_cast<size_t>(k)];
        next[static_cast<size_t>(i)] = sum;
      }
    });
    scaled(next);
    double change = 0;
    for (size_t i = 0; i < next.size(); ++i) change = std::max(change, std::abs(next[i] - vector[i]));
    vector = std::move(next);
    if (!(change > 1e-12)) break;  // or it is NaN
  }
  return vector;
}

}  // namespace

Tensor WeighedMap(TensorView<const float> maps, std::span<const double> weights) {
  const Layer layer(maps);
  Tensor map({maps.shape()[0], maps.shape()[1]});
  for (int64_t place = 0; place < layer.places; ++place) {
    double sum = 0;
    for (int64_t k = 0; k < layer.channels; ++k) {
      sum += weights[static_cast<size_t>(k)] * static_cast<double>(maps[place * layer.channels + k]);
    }
    map.data()[place] = static_cast<float>(Positive(sum));
  }
  return map;
}

Tensor GradCam(TensorView<const float> maps, TensorView<const float> gradients) {
  const Layer layer(maps);
  std::vector<double> weights(static_cast<size_t>(layer.channels));
  for (int64_t i = 0; i < layer.places * layer.channels; ++i) {
    weights[static_cast<size_t>(i % layer.channels)] += static_cast<double>(gradients[i]);
  }
  for (double& weight : weights) weight /= static_cast<double>(layer.places);
  return WeighedMap(maps, weights);
}

Tensor GradCamPlusPlus(TensorView<const float> maps, TensorView<const float> gradients) {
  const Layer layer(maps);
  std::vector<double> weights(static_cast<size_t>(layer.channels)), sums(weights.size());
  for (int64_t i = 0; i < layer.places * layer.channels; ++i) {
    sums[static_cast<size_t>(i % layer.channels)] += static_cast<double>(maps[i]);
  }
  for (int64_t i = 0; i < layer.places * layer.channels; ++i) {
    const auto k = static_cast<size_t>(i % layer.channels);
    const auto g = static_cast<double>(gradients[i]);
    // g^2 / (2 g^2 + s g^3), which for g = 0 is 0 / 0, without its powers.
    const double below = 2 + sums[k] * g;
    if (g == 0 || below == 0) continue;
    weights[k] += Positive(g) / below;
  }
  return WeighedMap(maps, weights);
}

Tensor LayerCam(TensorView<const float> maps, TensorView<const float> gradients) {
  const Layer layer(maps);
  Tensor map({maps.shape()[0], maps.shape()[1]});
  for (int64_t place = 0; place < layer.places; ++place) {
    double sum = 0;
    for (int64_t i = place * layer.channels; i < (place + 1) * layer.channels; ++i) {
      sum += static_cast<double>(Positive(gradients[i])) * static_cast<double>(maps[i]);
    }
    map.data()[place] = static_cast<float>(Positive(sum));
  }
  return map;
}

Tensor EigenCam(TensorView<const float> maps) {
  const Layer layer(maps);
  // Of A A^T and A^T A, which have the same first eigenvalue, the smaller one.
  const bool of_channels = layer.channels <= layer.places;
  const int64_t n = of_channels ? layer.channels : layer.places;
  const std::vector<double> products = Products(maps.data(), layer.places, layer.channels, of_channels);
  const std::vector<double> vector = FirstEigenvector(products, n);
  std::vector<double> projection(static_cast<size_t>(layer.places));
  if (of_channels) {
    for (int64_t place = 0; place < layer.places; ++place) {
      for (int64_t k = 0; k < layer.channels; ++k) {
        projection[static_cast<size_t>(place)] +=
            static_cast<double>(maps[place * layer.channels + k]) * vector[static_cast<size_t>(k)];
      }
    }
  } else {
    // A v = s u, where u is the first left singular vector and s^2 = u^T A A^T u.
    double square = 0;
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t k = 0; k < n; ++k) {
        square +=
            vector[static_cast<size_t>(i)] * products[static_cast<size_t>(i * n + k)] * vector[static_cast<size_t>(k)];
      }
    }
    for (size_t i = 0; i < projection.size(); ++i) projection[i] = std::sqrt(square) * vector[i];
  }
  double sum = 0;
  for (const double value : projection) sum += value;
  Tensor map({maps.shape()[0], maps.shape()[1]});
  for (size_t i = 0; i < projection.size(); ++i)
    map.data()[i] = static_cast<float>(sum < 0 ? -projection[i] : projection[i]);
  return map;
}

Tensor MapAtSize(TensorView<const float> map, int64_t rows, int64_t columns) {
  Tensor resized({rows, columns});
  TapPlan({LinearAxis(map.shape()[0], rows), LinearAxis(map.shape()[1], columns)})(map.data(), resized.data());
  return resized;
}

}  // namespace convscope
