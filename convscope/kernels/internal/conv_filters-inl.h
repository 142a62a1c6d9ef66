// A vector of filters at the end of a bank, where fewer are left than the vector has lanes. Not for users.
#if defined(CONVSCOPE_KERNELS_INTERNAL_CONV_FILTERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_INTERNAL_CONV_FILTERS_INL_H_
#undef CONVSCOPE_KERNELS_INTERNAL_CONV_FILTERS_INL_H_
#else
#define CONVSCOPE_KERNELS_INTERNAL_CONV_FILTERS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "convscope/kernels/internal/conv_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::internal {
namespace HWY_NAMESPACE {

// Masked loads and stores that are emulated touch the neighbours too: a load may leave the buffer, and a store writes
// back what another thread may be writing. AVX2 has both, but on some machines a masked store takes dozens of cycles.
inline constexpr bool kMasksAreEmulated = HWY_MEM_OPS_MIGHT_FAULT;
inline constexpr bool kMaskedStoresAreSlow = kMasksAreEmulated || HWY_TARGET == HWY_AVX2;

// The first `filters` values, zeroes in the other lanes.
HWY_INLINE V LoadFilters(const float* from, int64_t filters) {
  const D d;
  if (HWY_LIKELY(filters >= static_cast<int64_t>(hn::Lanes(d)))) return hn::LoadU(d, from);
  if constexpr (kMasksAreEmulated) {
    HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)] = {};
    if (filters > 0) std::memcpy(buffer, from, static_cast<size_t>(filters) * sizeof(float));
    return hn::Load(d, buffer);
  } else {
    return filters > 0 ? hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(filters)), d, from) : hn::Zero(d);
  }
}

// Stores the first `filters` lanes; past the cache where `stream` says so.
HWY_INLINE void StoreFilters(V value, int64_t filters, bool stream, float* to) {
  const D d;
  if (HWY_LIKELY(filters >= static_cast<int64_t>(hn::Lanes(d)))) {
    if (stream) {
      hn::Stream(value, d, to);
    } else {
      hn::StoreU(value, d, to);
    }
    return;
  }
  if (filters <= 0) return;
  if constexpr (kMaskedStoresAreSlow) {
    HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(value, d, buffer);
    // Pieces of lengths that the compiler knows, 1, 2, 4... as the bits of the count say.
    const float* from = buffer;
    if (filters & 1) *to++ = *from++;
    if (filters & 2) {
      std::memcpy(to, from, 2 * sizeof(float));
      to += 2;
      from += 2;
    }
    for (int64_t left = filters / 4; left > 0; --left, to += 4, from += 4) std::memcpy(to, from, 4 * sizeof(float));
  } else {
    hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(filters)), d, to);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::internal
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_FILTERS_INL_H_
