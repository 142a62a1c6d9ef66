// The convolutions that are measured, and what each is to be compared with.
#ifndef CONVSCOPE_BENCH_CASES_H_
#define CONVSCOPE_BENCH_CASES_H_

#include <string>
#include <vector>

#include "convscope/kernels/conv.h"

namespace convscope::bench {

// What bounds a case, and so what its speed is given as a share of.
enum class Bound { kArithmetic, kMemory };

struct Case {
  std::string name;
  ConvSpec spec;
  Bound bound = Bound::kArithmetic;
  bool separable = false;  // the kernel is a column times a row; else it is random
  std::string peer;        // the line that peers.py is asked with; empty: no peer
};

std::vector<Case> Cases();

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_CASES_H_
