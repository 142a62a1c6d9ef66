// The numbers of a kernel while it is being made: in double, so that scaling and adding round only once, at the end.
//
// Not here: anything that convolves. Finished kernels are float32 tensors (convscope/filters/kernel.h).
#ifndef CONVSCOPE_FILTERS_MATRIX_H_
#define CONVSCOPE_FILTERS_MATRIX_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

struct Matrix {
  Shape shape;                 // (R, S), (R, S, C) or (R, S, C, F); () for a lone number
  std::vector<double> values;  // row-major
};

// A matrix (R, S) from its rows, all of one length.
Matrix Rows(std::initializer_list<std::initializer_list<double>> rows);

// A matrix (rows, columns) of value(y, x), y and x measured from the middle: -1, 0, 1 for three, -0.5, 0.5 for two.
Matrix FromMiddle(int64_t rows, int64_t columns, const std::function<double(double y, double x)>& value);

double Sum(const Matrix& matrix);

Matrix Scaled(Matrix matrix, double factor);

// a + factor * b, of one shape.
Matrix Plus(Matrix a, const Matrix& b, double factor = 1);

// Rows become columns; the axes after the first two stay with their values.
Matrix Transposed(const Matrix& matrix);

// Mirrored: left and right swap, or top and bottom.
Matrix FlippedLeftRight(const Matrix& matrix);
Matrix FlippedUpDown(const Matrix& matrix);

}  // namespace convscope

#endif  // CONVSCOPE_FILTERS_MATRIX_H_
