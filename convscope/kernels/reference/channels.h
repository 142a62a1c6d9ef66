// Channels as a whole, readable: the truth that the fast functions are tested against, and the float64 path.
#ifndef CONVSCOPE_KERNELS_REFERENCE_CHANNELS_H_
#define CONVSCOPE_KERNELS_REFERENCE_CHANNELS_H_

#include <algorithm>
#include <cstdint>

namespace convscope::reference {

// Arguments as in convscope/kernels/channels.h. The mean first, then the mean of the squared distances from it.
template <typename T>
void ChannelMoments(const T* x, int64_t rows, int64_t channels, double* mean, double* variance) {
  std::fill_n(mean, channels, 0.0);
  std::fill_n(variance, channels, 0.0);
  const auto n = static_cast<double>(rows);
  for (int64_t i = 0; i < rows * channels; ++i) mean[i % channels] += x[i];
  for (int64_t c = 0; c < channels; ++c) mean[c] /= n;
  for (int64_t i = 0; i < rows * channels; ++i) {
    const double distance = x[i] - mean[i % channels];
    variance[i % channels] += distance * distance;
  }
  for (int64_t c = 0; c < channels; ++c) variance[c] /= n;
}

template <typename T>
void ChannelSums(const T* g, const T* x, const T* center, int64_t rows, int64_t channels, double* sum,
                 double* sum_of_products) {
  std::fill_n(sum, channels, 0.0);
  std::fill_n(sum_of_products, channels, 0.0);
  for (int64_t i = 0; i < rows * channels; ++i) {
    sum[i % channels] += g[i];
    sum_of_products[i % channels] += static_cast<double>(g[i]) * (x[i] - center[i % channels]);
  }
}

template <typename T>
void ChannelAffine(const T* x, const T* center, const T* scale, const T* offset, int64_t rows, int64_t channels, T* y) {
  for (int64_t i = 0; i < rows * channels; ++i) {
    const int64_t c = i % channels;
    y[i] = (x[i] - center[c]) * scale[c] + offset[c];
  }
}

template <typename T>
void ChannelAffineOfTwo(const T* g, const T* x, const T* center, const T* scale_g, const T* scale_x, const T* offset,
                        int64_t rows, int64_t channels, T* y) {
  for (int64_t i = 0; i < rows * channels; ++i) {
    const int64_t c = i % channels;
    y[i] = g[i] * scale_g[c] + ((x[i] - center[c]) * scale_x[c] + offset[c]);
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_CHANNELS_H_
