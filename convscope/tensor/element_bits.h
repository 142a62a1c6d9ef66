// A number as an element of a tensor is stored, whatever the type: what fills tensors of any.
#ifndef CONVSCOPE_TENSOR_ELEMENT_BITS_H_
#define CONVSCOPE_TENSOR_ELEMENT_BITS_H_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "convscope/tensor/dtype.h"

namespace convscope {

// `value` toward zero, held between the ends of the type; 0 for NaN.
template <typename T>
uint64_t WholeBits(double value) {
  // 2^63 as a double is past the last int64.
  const T held = std::isnan(value)                                             ? T{0}
                 : value <= static_cast<double>(std::numeric_limits<T>::min()) ? std::numeric_limits<T>::min()
                 : value >= static_cast<double>(std::numeric_limits<T>::max()) ? std::numeric_limits<T>::max()
                                                                               : static_cast<T>(value);
  return static_cast<uint64_t>(held);
}

// `value` in the low bits: as the type has it, true where it is not 0.
inline uint64_t ElementBits(double value, DType dtype) {
  switch (dtype) {
    case DType::kFloat32: {
      const auto narrow = static_cast<float>(value);
      uint32_t bits = 0;
      std::memcpy(&bits, &narrow, sizeof(bits));
      return bits;
    }
    case DType::kFloat64: {
      uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof(bits));
      return bits;
    }
    case DType::kUInt8:
      return WholeBits<uint8_t>(value);
    case DType::kInt8:
      return WholeBits<int8_t>(value);
    case DType::kInt32:
      return WholeBits<int32_t>(value);
    case DType::kInt64:
      return WholeBits<int64_t>(value);
    case DType::kBool:
      return value != 0 ? 1 : 0;
  }
  return 0;
}

}  // namespace convscope

#endif  // CONVSCOPE_TENSOR_ELEMENT_BITS_H_
