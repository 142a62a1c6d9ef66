// How (rows, C) data is cut for vectors and threads, by its shape alone. Not for users.
//
// Few channels do not fill a vector, and an odd number of them ends in the middle of one. So data is read in periods:
// the fewest rows whose values fill whole vectors of 16, at least 64 values; a place in the period always belongs to
// the same channel. Periods make blocks, which stay in the cache and in which float32 sums are short; blocks make
// pieces, one task each.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CHANNEL_PERIOD_H_
#define CONVSCOPE_KERNELS_INTERNAL_CHANNEL_PERIOD_H_

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace convscope {

struct ChannelPeriod {
  ChannelPeriod(int64_t row_count, int64_t channel_count)
      : channels(channel_count), values(row_count * channel_count), length(std::lcm(channel_count, int64_t{16})) {
    while (length < 64) length *= 2;
    block = std::clamp<int64_t>((int64_t{1} << 15) / length, 1, 64) * length;
    blocks = (values + block - 1) / block;
    pieces = std::min<int64_t>(blocks, 64);
  }

  // A parameter (C,), once for each place of a period.
  std::vector<float> Repeat(const float* parameter) const {
    std::vector<float> repeated(length);
    for (int64_t i = 0; i < length; i += channels) std::copy_n(parameter, channels, repeated.begin() + i);
    return repeated;
  }

  int64_t channels;
  int64_t values;  // rows * channels
  int64_t length;  // values
  int64_t block;   // values, a multiple of length
  int64_t blocks;
  int64_t pieces;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_CHANNEL_PERIOD_H_
