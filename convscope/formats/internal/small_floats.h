// Floats of 16 bits as they are stored in files, widened to float32 without loss. Nothing computes in them here.
#ifndef CONVSCOPE_FORMATS_INTERNAL_SMALL_FLOATS_H_
#define CONVSCOPE_FORMATS_INTERNAL_SMALL_FLOATS_H_

#include <bit>
#include <cstdint>

namespace convscope::internal {

// IEEE 754 binary16: one sign bit, five of exponent, ten of fraction. A NaN keeps its bits.
inline float FromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = half >> 10 & 31u, fraction = half & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) {  // fraction * 2^-24, exactly
    const float size = static_cast<float>(fraction) * 0x1p-24f;
    return sign == 0 ? size : -size;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

// bfloat16: the upper half of a float32.
inline float FromBfloat16(uint16_t upper) {
  return std::bit_cast<float>(static_cast<uint32_t>(upper) << 16);
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_SMALL_FLOATS_H_
