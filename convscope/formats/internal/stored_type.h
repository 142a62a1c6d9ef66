// How the numbers of a file become elements of a Tensor, whose types are fewer: for the tables of the readers of .npy
// and .safetensors files. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_STORED_TYPE_H_
#define CONVSCOPE_FORMATS_INTERNAL_STORED_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "convscope/formats/internal/small_floats.h"
#include "convscope/tensor/dtype.h"

namespace convscope::internal {

// `widen` turns `count` stored elements, which need not be aligned, into elements of `dtype`; null where both are the
// same bytes.
struct StoredType {
  std::string_view name;
  size_t bytes;  // of an element in the file
  DType dtype;
  void (*widen)(const std::byte* in, std::byte* out, int64_t count) = nullptr;
};

template <typename From, typename To, To (*convert)(From)>
void WidenBy(const std::byte* in, std::byte* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, in + i * sizeof value, sizeof value);
    const To wide = convert(value);
    std::memcpy(out + i * sizeof wide, &wide, sizeof wide);
  }
}

template <typename From, typename To>
constexpr To Same(From value) {
  return value;
}

template <typename From, typename To>
constexpr auto Widen = WidenBy<From, To, Same<From, To>>;
constexpr auto WidenHalf = WidenBy<uint16_t, float, FromHalf>;
constexpr auto WidenBrain = WidenBy<uint16_t, float, FromBfloat16>;

// Any byte but 0 is true; a bool of C++ must be 0 or 1.
inline void WidenBool(const std::byte* in, std::byte* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) out[i] = in[i] == std::byte{0} ? std::byte{0} : std::byte{1};
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_STORED_TYPE_H_
