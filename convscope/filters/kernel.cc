#include "convscope/filters/kernel.h"

#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

template <typename T>
Kernel Make(std::string name, const Shape& shape, const T* values, double bias) {
  CheckKernelShape(shape, name);
  // Here and below: -0 + 0 is 0.
  Kernel kernel{.name = std::move(name), .values = Tensor(shape), .bias = static_cast<float>(bias) + 0.0f};
  float* out = kernel.values.data();
  for (int64_t i = 0; i < shape.NumElements(); ++i) {
    const float value = static_cast<float>(values[i]);
    if (!std::isfinite(value)) {
      throw Error({.where = kernel.name,
                   .rule = "every value of a kernel must be finite and fit a 32-bit float",
                   .received = Concat(values[i])});
    }
    out[i] = value + 0.0f;
  }
  return kernel;
}

}  // namespace

void CheckKernelShape(const Shape& shape, const std::string& where) {
  if (shape.rank() < 2 || shape.rank() > 4) {
    throw Error({.where = where,
                 .rule = "a kernel must have 2, 3 or 4 axes: (rows, columns), then channels, then filters",
                 .received = shape.rank() == 0 ? "a number" : "shape " + shape.ToString()});
  }
  const int64_t elements = shape.NumElements();
  if (elements == 0) {
    throw Error({.where = where,
                 .rule = "a kernel must have at least one row and one column",
                 .received = "shape " + shape.ToString()});
  }
  if (shape[0] > kMaxKernelSide || shape[1] > kMaxKernelSide || elements > kMaxKernelElements) {
    throw Error({.where = where,
                 .rule = Concat("a kernel may have at most ", kMaxKernelSide, " rows and columns and ",
                                kMaxKernelElements, " values"),
                 .received = "shape " + shape.ToString()});
  }
}

Kernel MakeKernel(std::string name, const Tensor& values) {
  const Shape& shape = values.shape();
  switch (values.dtype()) {
    case DType::kFloat32:
      return Make(std::move(name), shape, values.data<float>(), 0);
    case DType::kFloat64:
      return Make(std::move(name), shape, values.data<double>(), 0);
    case DType::kUInt8:
      return Make(std::move(name), shape, values.data<uint8_t>(), 0);
    case DType::kInt8:
      return Make(std::move(name), shape, values.data<int8_t>(), 0);
    case DType::kInt32:
      return Make(std::move(name), shape, values.data<int32_t>(), 0);
    case DType::kInt64:
      return Make(std::move(name), shape, values.data<int64_t>(), 0);
    case DType::kBool:
      return Make(std::move(name), shape, values.data<bool>(), 0);
  }
  throw Error({.where = name, .rule = "a kernel must hold numbers"});
}

Kernel MakeKernel(std::string name, const Matrix& values, double bias) {
  return Make(std::move(name), values.shape, values.values.data(), bias);
}

}  // namespace convscope
