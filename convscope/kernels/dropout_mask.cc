#include "convscope/kernels/dropout_mask.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/dropout_mask.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include <hwy/highway.h>

#include <algorithm>
#include <array>

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using U32 = hn::ScalableTag<uint32_t>;
using Words = hn::Vec<U32>;
constexpr U32 kWords;

// The upper 32 bits of x * factor, lane by lane. Vectors multiply even lanes to 64 bits; the odd ones are moved there.
HWY_INLINE Words UpperProduct(Words x, Words factor) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(kWords, static_cast<uint32_t>((uint64_t{hn::GetLane(x)} * hn::GetLane(factor)) >> 32));
#else
  const hn::RepartitionToWide<U32> wide;
  const auto even = hn::MulEven(x, factor);
  const auto odd = hn::MulEven(hn::BitCast(kWords, hn::ShiftRight<32>(hn::BitCast(wide, x))), factor);
  return hn::OddEven(hn::BitCast(kWords, odd), hn::BitCast(kWords, hn::ShiftRight<32>(even)));
#endif
}

// Four vectors of words, one a lane of each.
struct Blocks {
  Words x0, x1, x2, x3;

  HWY_INLINE void Round(Words a, Words b, Words key0, Words key1) {
    const Words next0 = hn::Xor(UpperProduct(x2, b), hn::Xor(x1, key0));
    const Words next2 = hn::Xor(UpperProduct(x0, a), hn::Xor(x3, key1));
    x1 = hn::Mul(x2, b);
    x3 = hn::Mul(x0, a);
    x0 = next0;
    x2 = next2;
  }
};

HWY_INLINE Blocks Counters(const std::array<uint32_t, 4>& counter, uint64_t first) {
  HWY_ALIGN uint32_t low[HWY_MAX_BYTES / sizeof(uint32_t)];
  HWY_ALIGN uint32_t high[HWY_MAX_BYTES / sizeof(uint32_t)];
  for (size_t lane = 0; lane < hn::Lanes(kWords); ++lane) {
    low[lane] = static_cast<uint32_t>(first + lane);
    high[lane] = static_cast<uint32_t>((first + lane) >> 32);
  }
  return {hn::Load(kWords, low), hn::Load(kWords, high), hn::Set(kWords, counter[2]), hn::Set(kWords, counter[3])};
}

// Philox4x32-10 (base/random.h) of twice as many counters as a vector has lanes, from `first` on; two vectors at a time
// hide how long a product takes. words: four a counter, in the order of the stream.
HWY_INLINE void PhiloxBlocks(std::array<uint32_t, 2> key, const std::array<uint32_t, 4>& counter, uint64_t first,
                             uint32_t* HWY_RESTRICT words) {
  const size_t lanes = hn::Lanes(kWords);
  Blocks left = Counters(counter, first), right = Counters(counter, first + lanes);
  const Words a = hn::Set(kWords, 0xD2511F53u), b = hn::Set(kWords, 0xCD9E8D57u);
  for (int round = 0; round < 10; ++round) {
    const Words key0 = hn::Set(kWords, key[0]), key1 = hn::Set(kWords, key[1]);
    left.Round(a, b, key0, key1);
    right.Round(a, b, key0, key1);
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  hn::StoreInterleaved4(left.x0, left.x1, left.x2, left.x3, kWords, words);
  hn::StoreInterleaved4(right.x0, right.x1, right.x2, right.x3, kWords, words + 4 * lanes);
}

// Two elements a word, the lower half first.
void FillMask(const Random& stream, uint32_t dropped, float kept, float* HWY_RESTRICT mask, int64_t count) {
  const hn::RebindToFloat<U32> floats;
  const hn::RebindToSigned<U32> integers;  // both sides of the comparison are below 2^17
  const auto lanes = static_cast<int64_t>(hn::Lanes(kWords));
  const std::array<uint32_t, 4> counter = stream.counter();
  uint64_t block = counter[0] | uint64_t{counter[1]} << 32;
  HWY_ALIGN uint32_t words[8 * HWY_MAX_BYTES / sizeof(uint32_t)];
  HWY_ALIGN float last[16 * HWY_MAX_BYTES / sizeof(float)];
  const auto keep = [&](Words bits) HWY_ATTR {
    const auto below = hn::Lt(hn::BitCast(integers, bits), hn::Set(integers, static_cast<int32_t>(dropped)));
    return hn::IfThenZeroElse(hn::RebindMask(floats, below), hn::Set(floats, kept));
  };
  for (int64_t i = 0; i < count; i += 16 * lanes, block += 2 * lanes) {
    PhiloxBlocks(stream.key(), counter, block, words);
    const bool whole = count - i >= 16 * lanes;
    float* target = whole ? mask + i : last;
    for (int64_t k = 0; k < 8; ++k) {
      const Words bits = hn::Load(kWords, words + k * lanes);
      hn::StoreInterleaved2(keep(hn::And(bits, hn::Set(kWords, 0xFFFF))), keep(hn::ShiftRight<16>(bits)), floats,
                            target + 2 * k * lanes);
    }
    if (!whole) std::copy(last, last + (count - i), mask + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(FillMask);

void FillDropoutMask(const Random& stream, uint32_t dropped, float kept, float* mask, int64_t count) {
  HWY_DYNAMIC_DISPATCH(FillMask)(stream, dropped, kept, mask, count);
}

}  // namespace convscope

#endif  // HWY_ONCE
