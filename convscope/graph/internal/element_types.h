// Which types of elements an operation takes, and the same loop for each of them. For the operations of this folder;
// not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_ELEMENT_TYPES_H_
#define CONVSCOPE_GRAPH_INTERNAL_ELEMENT_TYPES_H_

#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include "convscope/graph/operation.h"
#include "convscope/tensor/element_type.h"

namespace convscope {

enum class ElementClass : uint8_t {
  kFloating,  // float32, float64
  kNumbers,   // these and the integers
  kBool,
  kAny,
};

bool IsOf(DType dtype, ElementClass wanted);

// All inputs are of one type, one of `wanted`; throws Error.
void CheckElements(std::span<const TensorType> inputs, ElementClass wanted);

// As ForElementType for kNumbers: f need not compile for bool.
template <typename F>
auto ForNumberType(DType dtype, const F& f) {
  return ForElementType(dtype, [&](auto type) {
    using T = std::conditional_t<std::is_same_v<decltype(type), bool>, uint8_t, decltype(type)>;
    return f(T{});
  });
}

// The same for kFloating.
template <typename F>
auto ForFloatingType(DType dtype, const F& f) {
  return dtype == DType::kFloat64 ? f(double{}) : f(float{});
}

// Sums, differences and products of integers wrap around, as everywhere; in C++ only those of unsigned ones may.
template <typename T>
using Wrapping = typename std::conditional_t<std::is_integral_v<T>,
                                             std::make_unsigned<std::conditional_t<std::is_integral_v<T>, T, int>>,
                                             std::type_identity<T>>::type;

struct PlusOf {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};

struct MinusOf {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};

struct TimesOf {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_ELEMENT_TYPES_H_
