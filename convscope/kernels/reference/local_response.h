// Local response normalization, readable: the truth that the fast one is tested against, and the float64 path.
#ifndef CONVSCOPE_KERNELS_REFERENCE_LOCAL_RESPONSE_H_
#define CONVSCOPE_KERNELS_REFERENCE_LOCAL_RESPONSE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "convscope/kernels/local_response.h"

namespace convscope::reference {

// d = bias + alpha / size * sum of x[i]^2, i in the window of channel c. `x` is one row of `channels` values.
template <typename T>
T LocalResponseDivisor(const LocalResponse& spec, const T* x, int64_t channels, int64_t c) {
  T sum = 0;
  const int64_t last = std::min(channels - 1, c + spec.after());
  for (int64_t i = std::max<int64_t>(0, c - spec.before()); i <= last; ++i) sum += x[i] * x[i];
  return static_cast<T>(spec.bias) + static_cast<T>(spec.alpha / static_cast<double>(spec.size)) * sum;
}

// Arguments as in convscope/kernels/local_response.h.
template <typename T>
void NormalizeLocalResponse(const LocalResponse& spec, const T* x, int64_t rows, int64_t channels, T* y) {
  for (int64_t row = 0; row < rows; ++row, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      y[c] = x[c] * std::pow(LocalResponseDivisor(spec, x, channels, c), static_cast<T>(-spec.beta));
    }
  }
}

// y[i] = x[i] d[i]^-beta, and d[i] has 2 alpha / size x[c] as its derivative by each x[c] of its window, so
//   dx[c] = g[c] d[c]^-beta - 2 alpha beta / size x[c] * sum of g[i] x[i] d[i]^(-beta - 1), i whose window has c.
template <typename T>
void LocalResponseGradient(const LocalResponse& spec, const T* g, const T* x, int64_t rows, int64_t channels, T* dx) {
  const T factor = static_cast<T>(2 * spec.alpha * spec.beta / static_cast<double>(spec.size));
  for (int64_t row = 0; row < rows; ++row, g += channels, x += channels, dx += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      T sum = 0;
      const int64_t last = std::min(channels - 1, c + spec.before());
      for (int64_t i = std::max<int64_t>(0, c - spec.after()); i <= last; ++i) {
        sum += g[i] * x[i] * std::pow(LocalResponseDivisor(spec, x, channels, i), static_cast<T>(-spec.beta - 1));
      }
      const T power = std::pow(LocalResponseDivisor(spec, x, channels, c), static_cast<T>(-spec.beta));
      dx[c] = g[c] * power - factor * x[c] * sum;
    }
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_LOCAL_RESPONSE_H_
