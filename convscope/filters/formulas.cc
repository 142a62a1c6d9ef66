#include "convscope/filters/formulas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/filters/kernel.h"

namespace convscope {
namespace {

// Of an angle in degrees; exactly 0 where it is, as no cosine of radians is.
double Cosine(double degrees) {
  const double turned = std::remainder(degrees, 360.0);
  return std::fabs(turned) == 90 ? 0.0 : std::cos(turned * std::numbers::pi / 180);
}

double Sine(double degrees) {
  return Cosine(degrees - 90);
}

Matrix Normalised(Matrix matrix) {
  const double sum = Sum(matrix);
  return Scaled(std::move(matrix), 1 / sum);
}

// Leaves out outer rows and columns of zeros, as many at one side as at the other.
Matrix Trimmed(const Matrix& matrix) {
  const int64_t rows = matrix.shape[0];
  const int64_t columns = matrix.shape[1];
  int64_t top = rows / 2;
  int64_t left = columns / 2;
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      if (matrix.values[y * columns + x] == 0) continue;
      top = std::min({top, y, rows - 1 - y});
      left = std::min({left, x, columns - 1 - x});
    }
  }
  Matrix trimmed{.shape = {rows - 2 * top, columns - 2 * left}, .values = {}};
  for (int64_t y = top; y < rows - top; ++y) {
    for (int64_t x = left; x < columns - left; ++x) trimmed.values.push_back(matrix.values[y * columns + x]);
  }
  return trimmed;
}

// The area that a disc around the origin shares with the rectangle from the origin to (x, y); negative where one of x
// and y is, so that areas of other rectangles are sums and differences of it.
double SharedArea(double radius, double x, double y) {
  if (x < 0) return -SharedArea(radius, -x, y);
  if (y < 0) return -SharedArea(radius, x, -y);
  x = std::min(x, radius);
  y = std::min(y, radius);
  if (x * x + y * y <= radius * radius) return x * y;
  // Up to `corner` the rectangle is lower than the circle, from there on higher.
  const double corner = std::sqrt(radius * radius - y * y);
  const auto integral = [&](double t) {  // of sqrt(radius^2 - t^2)
    return (t * std::sqrt(std::max(0.0, radius * radius - t * t)) + radius * radius * std::asin(t / radius)) / 2;
  };
  return corner * y + integral(x) - integral(corner);
}

}  // namespace

Matrix Identity(int64_t size) {
  return FromMiddle(size, size, [](double y, double x) { return x == 0 && y == 0 ? 1.0 : 0.0; });
}

Matrix Box(int64_t size) {
  return Scaled(FromMiddle(size, size, [](double, double) { return 1.0; }), 1.0 / static_cast<double>(size * size));
}

Matrix Gaussian(int64_t size, double sigma) {
  if (sigma == 0) sigma = 0.3 * ((static_cast<double>(size) - 1) / 2 - 1) + 0.8;
  // Far narrower than a pixel, any sigma gives the same: all weight on the nearest pixels.
  sigma = std::max(sigma, 1e-3);
  // Distances are measured from that of the nearest pixel, so that not every exponential becomes 0 where the size is
  // even and no pixel is in the middle; the factor goes with the division.
  const double nearest = size % 2 == 0 ? 0.5 : 0.0;
  return Normalised(FromMiddle(
      size, size, [&](double y, double x) { return std::exp(-(x * x + y * y - nearest) / (2 * sigma * sigma)); }));
}

Matrix Binomial(int64_t size) {
  std::vector<double> row = {1};
  // Halved at each step, so that size 255 stays within the range of double.
  while (static_cast<int64_t>(row.size()) < size) {
    row.push_back(0);
    for (size_t i = row.size() - 1; i > 0; --i) row[i] = (row[i] + row[i - 1]) / 2;
    row[0] /= 2;
  }
  const double middle = static_cast<double>(size - 1) / 2;
  return FromMiddle(size, size, [&](double y, double x) {
    return row[static_cast<size_t>(y + middle)] * row[static_cast<size_t>(x + middle)];
  });
}

Matrix Motion(int64_t length, double angle) {
  const double half = static_cast<double>(length - 1) / 2;
  const double right = Cosine(angle);
  const double down = -Sine(angle);
  return Normalised(Trimmed(FromMiddle(length, length, [&](double y, double x) {
    const double along = std::clamp(x * right + y * down, -half, half);
    const double weight = 1 - std::hypot(x - along * right, y - along * down);
    return weight < 1e-12 ? 0.0 : weight;  // what is left of a pixel that the line only touches is rounding
  })));
}

Matrix Disc(double radius) {
  const auto reach = static_cast<int64_t>(std::ceil(radius - 0.5));
  return Normalised(FromMiddle(2 * reach + 1, 2 * reach + 1, [&](double y, double x) {
    const double area = SharedArea(radius, x + 0.5, y + 0.5) - SharedArea(radius, x - 0.5, y + 0.5) -
                        SharedArea(radius, x + 0.5, y - 0.5) + SharedArea(radius, x - 0.5, y - 0.5);
    return area > 1e-12 ? area : 0;  // what is left of a pixel outside the disc is rounding
  }));
}

Matrix Unsharp(int64_t size, double sigma, double amount) {
  return Plus(Scaled(Identity(size), 1 + amount), Gaussian(size, sigma), -amount);
}

Matrix LaplacianOfGaussian(int64_t size, double sigma) {
  const Matrix gaussian = Gaussian(size, sigma);
  Matrix factor = FromMiddle(size, size, [&](double y, double x) {
    return (x * x + y * y - 2 * sigma * sigma) / (sigma * sigma * sigma * sigma);
  });
  for (size_t i = 0; i < factor.values.size(); ++i) factor.values[i] *= gaussian.values[i];
  const double mean = Sum(factor) / static_cast<double>(factor.values.size());
  for (double& value : factor.values) value -= mean;
  return factor;
}

Matrix DifferenceOfGaussians(int64_t size, double sigma, double ratio) {
  return Plus(Gaussian(size, sigma), Gaussian(size, ratio * sigma), -1);
}

Matrix Gabor(const GaborOptions& options) {
  const double sigma = options.sigma > 0 ? options.sigma : 0.56 * options.wavelength;
  const double cosine = Cosine(options.theta);
  const double sine = Sine(options.theta);
  return FromMiddle(options.size, options.size, [&](double y, double x) {
    const double across = -x * cosine - y * sine;
    const double along = options.gamma * (x * sine - y * cosine);
    return std::exp(-(across * across + along * along) / (2 * sigma * sigma)) *
           Cosine(360 * across / options.wavelength + options.psi);
  });
}

Matrix Kirsch(int steps) {
  // The eight places around the middle, counter-clockwise from the top right; north is the first three.
  constexpr std::array<int, 8> kRing = {2, 1, 0, 3, 6, 7, 8, 5};
  Matrix matrix = Rows({{-3, -3, -3}, {-3, 0, -3}, {-3, -3, -3}});
  for (int i = 0; i < 3; ++i) matrix.values[kRing[(i + steps) % 8]] = 5;
  return matrix;
}

Matrix RandomKernel(Distribution distribution, int64_t size, uint64_t seed, int64_t channels, int64_t filters) {
  const Shape shape = filters > 1    ? Shape{size, size, channels, filters}
                      : channels > 1 ? Shape{size, size, channels}
                                     : Shape{size, size};
  CheckKernelShape(shape, "random kernel");
  Matrix matrix{.shape = shape, .values = {}};
  matrix.values.reserve(static_cast<size_t>(shape.NumElements()));
  Random random(seed, "kernel/random");
  const double limit = std::sqrt(6.0 / static_cast<double>(size * size * (channels + filters)));
  for (int64_t i = 0; i < shape.NumElements(); ++i) {
    matrix.values.push_back(distribution == Distribution::kNormal ? random.Normal()
                                                                  : limit * (2.0 * random.Uniform() - 1));
  }
  return matrix;
}

}  // namespace convscope
