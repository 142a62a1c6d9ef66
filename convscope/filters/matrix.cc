#include "convscope/filters/matrix.h"

#include <numeric>

namespace convscope {
namespace {

// The values at each place of the first two axes; 1 for a matrix of rank 2.
int64_t Depth(const Matrix& matrix) {
  int64_t depth = 1;
  for (int axis = 2; axis < matrix.shape.rank(); ++axis) depth *= matrix.shape[axis];
  return depth;
}

// A matrix of `shape` whose place (y, x) holds what `matrix` holds at from(y, x), as an index of its places.
template <typename From>
Matrix Rearranged(const Matrix& matrix, const Shape& shape, From from) {
  Matrix result{.shape = shape, .values = {}};
  result.values.reserve(matrix.values.size());
  const int64_t depth = Depth(matrix);
  for (int64_t y = 0; y < shape[0]; ++y) {
    for (int64_t x = 0; x < shape[1]; ++x) {
      const auto place = matrix.values.begin() + from(y, x) * depth;
      result.values.insert(result.values.end(), place, place + depth);
    }
  }
  return result;
}

}  // namespace

Matrix Rows(std::initializer_list<std::initializer_list<double>> rows) {
  Matrix matrix{.shape = {static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.begin()->size())}, .values = {}};
  for (const auto& row : rows) matrix.values.insert(matrix.values.end(), row);
  return matrix;
}

Matrix FromMiddle(int64_t rows, int64_t columns, const std::function<double(double, double)>& value) {
  Matrix matrix{.shape = {rows, columns}, .values = {}};
  matrix.values.reserve(static_cast<size_t>(rows * columns));
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      matrix.values.push_back(value(y - (rows - 1) / 2.0, x - (columns - 1) / 2.0));
    }
  }
  return matrix;
}

double Sum(const Matrix& matrix) {
  return std::accumulate(matrix.values.begin(), matrix.values.end(), 0.0);
}

Matrix Scaled(Matrix matrix, double factor) {
  for (double& value : matrix.values) value *= factor;
  return matrix;
}

Matrix Plus(Matrix a, const Matrix& b, double factor) {
  for (size_t i = 0; i < a.values.size(); ++i) a.values[i] += factor * b.values[i];
  return a;
}

Matrix Transposed(const Matrix& matrix) {
  std::vector<int64_t> lengths(matrix.shape.lengths().begin(), matrix.shape.lengths().end());
  std::swap(lengths[0], lengths[1]);
  const int64_t columns = matrix.shape[1];
  return Rearranged(matrix, Shape(lengths), [=](int64_t y, int64_t x) { return x * columns + y; });
}

Matrix FlippedLeftRight(const Matrix& matrix) {
  const int64_t columns = matrix.shape[1];
  return Rearranged(matrix, matrix.shape, [=](int64_t y, int64_t x) { return y * columns + (columns - 1 - x); });
}

Matrix FlippedUpDown(const Matrix& matrix) {
  const int64_t rows = matrix.shape[0];
  const int64_t columns = matrix.shape[1];
  return Rearranged(matrix, matrix.shape, [=](int64_t y, int64_t x) { return (rows - 1 - y) * columns + x; });
}

}  // namespace convscope
