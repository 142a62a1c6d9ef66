#include "convscope/nn/regularizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend.epsilon()

// Which axes a norm runs over.
std::vector<bool> Reduced(const Shape& shape, const std::vector<int64_t>& axes) {
  std::vector<bool> reduced(static_cast<size_t>(shape.rank()));
  for (const int64_t axis : axes) {
    const int64_t place = axis < 0 ? axis + shape.rank() : axis;
    if (place < 0 || place >= shape.rank() || reduced[static_cast<size_t>(place)]) {
      throw Error(
          {.where = "constraint",
           .rule = Concat("each axis of a norm is one of the ", shape.rank(), " of ", shape.ToString(), ", once"),
           .received = std::to_string(axis)});
    }
    reduced[static_cast<size_t>(place)] = true;
  }
  return reduced;
}

// Multiplies all values that share a norm by factor(norm).
template <typename Factor>
void ScaleByNorm(Tensor& tensor, const std::vector<int64_t>& axes, const Factor& factor) {
  const Shape& shape = tensor.shape();
  const std::vector<bool> reduced = Reduced(shape, axes);
  // Where the norm of element i is kept: its index along the axes that stay.
  std::vector<int64_t> stride(static_cast<size_t>(shape.rank()));
  int64_t groups = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (reduced[static_cast<size_t>(axis)]) continue;
    stride[static_cast<size_t>(axis)] = groups;
    groups *= shape[axis];
  }
  const auto group_of = [&](int64_t i) {
    int64_t group = 0;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      group += i % shape[axis] * stride[static_cast<size_t>(axis)];
      i /= shape[axis];
    }
    return static_cast<size_t>(group);
  };
  std::vector<double> sums(static_cast<size_t>(groups));
  float* values = tensor.data();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    sums[group_of(i)] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  for (double& sum : sums) sum = factor(std::sqrt(sum));
  for (int64_t i = 0; i < tensor.size(); ++i) {
    values[i] = static_cast<float>(static_cast<double>(values[i]) * sums[group_of(i)]);
  }
}

}  // namespace

void Constrain(const Constraint& constraint, Tensor& values) {
  if (const auto* limit = std::get_if<MaxNorm>(&constraint)) {
    if (!(limit->max_value > 0)) {
      throw Error(
          {.where = "constraint", .rule = "the largest norm is above 0", .received = ShortestText(limit->max_value)});
    }
    ScaleByNorm(values, limit->axes, [&](double norm) { return std::min(norm, limit->max_value) / (kEpsilon + norm); });
  } else if (const auto* unit = std::get_if<UnitNorm>(&constraint)) {
    ScaleByNorm(values, unit->axes, [](double norm) { return 1 / (kEpsilon + norm); });
  } else if (std::holds_alternative<NonNeg>(constraint)) {
    for (float& value : values.view().span()) {
      if (value < 0) value = 0;
    }
  }
}

}  // namespace convscope
