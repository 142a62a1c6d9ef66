// The line kernels: vectors along a row of the output, taps from several rows of the input. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_

#include <cstdint>

#include "convscope/kernels/epilogue.h"

namespace convscope::internal {

// output[i] = bias + sum over terms t of weights[t] * terms[t][i], for i in [0, count). The terms of a window are its
// taps, row by row: each is a row of the input, (pixels, C) flattened, from where the tap of the first output is.
struct Line {
  const float* const* terms;
  int64_t num_terms;
  // One weight for all channels: (num_terms,). One a channel: (num_terms, period), the weights of the
  // channels again and again, with period = lcm(C, lanes) so that any vector of the line finds its own.
  const float* weights;
  const float* bias;  // 1 value, or (period,)
  int64_t period;     // 0: one weight for all channels
  float* output;
  int64_t count;       // floats
  Limits limits = {};  // that the output is held within
};

// kBlockRows neighbouring output rows at once, each one input row below the last: output row o sees num_terms terms
// from number o * row_terms on, and a loaded vector serves all of them.
struct LineBlock {
  Line line;              // num_terms + (kBlockRows - 1) * row_terms pointers; output unused
  int64_t row_terms;      // taps in a row; num_terms is at least kBlockRows - 1 of these
  float* const* outputs;  // kBlockRows pointers
};
inline constexpr int kBlockRows = 4;

// Lines of so many terms with weights a channel are faster one by one than in blocks.
inline constexpr int kNineTerms = 9;

struct LineKernel {
  void (*run)(const Line&);
  void (*run_block)(const LineBlock&);
  int64_t lanes;
};
LineKernel BestLineKernel();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_
