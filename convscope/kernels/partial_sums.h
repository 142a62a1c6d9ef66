// The sum of many terms, accurate and vectorisable in one fixed order. Not for sums of a few.
#ifndef CONVSCOPE_KERNELS_PARTIAL_SUMS_H_
#define CONVSCOPE_KERNELS_PARTIAL_SUMS_H_

#include <cstdint>

namespace convscope {

// term(0) + ... + term(count - 1) in double, each of eight running sums taking every eighth term: no sum waits for the
// one before it, and the order depends on nothing but `count`.
template <typename Term>
double PartialSums(int64_t count, const Term& term) {
  constexpr int kSums = 8;
  double sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (int k = 0; k < kSums; ++k) sums[k] += term(i + k);
  }
  for (int k = 0; i < count; ++i, ++k) sums[k] += term(i);
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_PARTIAL_SUMS_H_
