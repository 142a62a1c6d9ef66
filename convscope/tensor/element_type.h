// The same code for each type of elements.
#ifndef CONVSCOPE_TENSOR_ELEMENT_TYPE_H_
#define CONVSCOPE_TENSOR_ELEMENT_TYPE_H_

#include <cstdint>

#include "convscope/tensor/dtype.h"

namespace convscope {

// Calls f(T{}) with T the C++ type of `dtype`; what it returns is of one type for all.
template <typename F>
auto ForElementType(DType dtype, const F& f) {
  switch (dtype) {
    case DType::kFloat64:
      return f(double{});
    case DType::kUInt8:
      return f(uint8_t{});
    case DType::kInt8:
      return f(int8_t{});
    case DType::kInt32:
      return f(int32_t{});
    case DType::kInt64:
      return f(int64_t{});
    case DType::kBool:
      return f(bool{});
    default:
      return f(float{});
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_TENSOR_ELEMENT_TYPE_H_
