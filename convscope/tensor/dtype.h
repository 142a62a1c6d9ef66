// The element types of a tensor.
#ifndef CONVSCOPE_TENSOR_DTYPE_H_
#define CONVSCOPE_TENSOR_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace convscope {

enum class DType : uint8_t { kFloat32, kFloat64, kUInt8, kInt8, kInt32, kInt64, kBool };

size_t SizeInBytes(DType dtype);

// "float32", "float64", "uint8", "int8", "int32", "int64", "bool".
std::string_view Name(DType dtype);

// The DType of a C++ type; other types do not compile.
template <typename T>
constexpr DType DTypeOf() {
  using U = std::remove_const_t<T>;
  if constexpr (std::is_same_v<U, float>)
    return DType::kFloat32;
  else if constexpr (std::is_same_v<U, double>)
    return DType::kFloat64;
  else if constexpr (std::is_same_v<U, uint8_t>)
    return DType::kUInt8;
  else if constexpr (std::is_same_v<U, int8_t>)
    return DType::kInt8;
  else if constexpr (std::is_same_v<U, int32_t>)
    return DType::kInt32;
  else if constexpr (std::is_same_v<U, int64_t>)
    return DType::kInt64;
  else {
    static_assert(std::is_same_v<U, bool>, "no DType for this type");
    return DType::kBool;
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_TENSOR_DTYPE_H_
