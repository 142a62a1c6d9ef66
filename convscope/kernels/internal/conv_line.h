// The line kernels: vectors along a row of the output, taps from several rows of the input. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_

#include <cstdint>

namespace convscope::internal {

// output[i] = bias + sum over rows r and taps t of weights[r][t] * rows[r][offsets[t] + i], for i in [0, count).
// A row is (pixels, C) flattened, so a tap's offset is its column times C.
struct Line {
  const float* const* rows;  // num_rows pointers
  int64_t num_rows;
  const int64_t* offsets;  // num_taps offsets in floats
  int64_t num_taps;
  // One weight for all channels: (num_rows, num_taps). One a channel: (num_rows, num_taps, period), the weights of the
  // channels again and again, with period = lcm(C, lanes) so that any vector of the line finds its own.
  const float* weights;
  const float* bias;  // 1 value, or (period,)
  int64_t period;     // 0: one weight for all channels
  float* output;
  int64_t count;  // floats
};

// kBlockRows neighbouring output rows at once, stride and dilation 1 between rows: output row o sees rows[o] to
// rows[o + num_rows - 1] of `line`, and a loaded vector serves all of them.
struct LineBlock {
  Line line;              // rows: num_rows + kBlockRows - 1 pointers, num_rows at least kBlockRows - 1; output unused
  float* const* outputs;  // kBlockRows pointers
};
inline constexpr int kBlockRows = 4;

struct LineKernel {
  void (*run)(const Line&);
  void (*run_block)(const LineBlock&);
  int64_t lanes;
};
LineKernel BestLineKernel();

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_LINE_H_
