#include "convscope/data/sample_order.h"

#include <numeric>
#include <utility>

#include "convscope/base/random.h"

namespace convscope {
namespace {

// A whole number in [0, count), count from 1 to 2^32, without the bias of a remainder (D. Lemire, "Fast Random Integer
// Generation in an Interval", ACM TOMACS 29, 2019).
uint64_t Below(uint64_t count, Random& random) {
  uint64_t product = uint64_t{random.Bits()} * count;
  if (static_cast<uint32_t>(product) < count) {
    const uint64_t rejected = (uint64_t{1} << 32) % count;
    while (static_cast<uint32_t>(product) < rejected) product = uint64_t{random.Bits()} * count;
  }
  return product >> 32;
}

}  // namespace

void Shuffle(std::span<int64_t> order, uint64_t seed, std::string_view purpose, uint64_t epoch) {
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, purpose, epoch);
  for (size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[Below(left, random)]);
}

}  // namespace convscope
