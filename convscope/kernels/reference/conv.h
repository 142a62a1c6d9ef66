// Convolution, readable: the truth that the fast convolution is tested against, and the float64 path.
//
// "Pad, then convolve": a padded zero is multiplied like any other pixel, so 0 * NaN in the kernel gives NaN. Not here:
// speed, threads, allocation.
#ifndef CONVSCOPE_KERNELS_REFERENCE_CONV_H_
#define CONVSCOPE_KERNELS_REFERENCE_CONV_H_

#include <cstdint>

#include "convscope/kernels/conv.h"
#include "convscope/kernels/window.h"

namespace convscope::reference {

// y[n, o, f] = bias[f] + sum over t, c of x[n, o * stride + t * dilation - pad, g(f) * C/G + c] * kernel[t, c, f],
// summed in T in the order of the kernel's memory (depth, rows, columns, channels), bias last.
// `spec` must pass ConvSpec::Check. Shapes: input spec.InputShape(), kernel spec.KernelShape(), bias (F,) or null,
// output spec.OutputShape(), which must not overlap the others.
template <typename T>
void Conv(const ConvSpec& spec, const T* input, const T* kernel, const T* bias, T* output) {
  const WindowAxis &depth = spec.axes[0], &rows = spec.axes[1], &columns = spec.axes[2];
  const int64_t group_channels = spec.channels_per_group();

  // The channels of the pixel that the kernel's element (kd, ky, kx) sees at output place (od, oy, ox) of picture n;
  // null where that is a zero of the padding.
  const auto pixel_under = [&](int64_t n, int64_t od, int64_t oy, int64_t ox, int64_t kd, int64_t ky,
                               int64_t kx) -> const T* {
    const auto source = [&](const WindowAxis& axis, int64_t o, int64_t k) {
      return SourceIndex(o * axis.stride + k * axis.dilation - axis.pad_before, axis.in, spec.pad_mode);
    };
    const int64_t d = source(depth, od, kd), y = source(rows, oy, ky), x = source(columns, ox, kx);
    if (d < 0 || y < 0 || x < 0) return nullptr;
    return input + (((n * depth.in + d) * rows.in + y) * columns.in + x) * spec.channels;
  };

  // The weights of kernel element (kd, ky, kx), (C/G, F); a flipped kernel is read from its far corner.
  const auto weights_at = [&](int64_t kd, int64_t ky, int64_t kx) {
    if (spec.flip_kernel) {
      kd = depth.size - 1 - kd;
      ky = rows.size - 1 - ky;
      kx = columns.size - 1 - kx;
    }
    return kernel + ((kd * rows.size + ky) * columns.size + kx) * group_channels * spec.filters;
  };

  for (int64_t n = 0; n < spec.batch; ++n) {
    for (int64_t od = 0; od < depth.out(); ++od) {
      for (int64_t oy = 0; oy < rows.out(); ++oy) {
        for (int64_t ox = 0; ox < columns.out(); ++ox) {
          for (int64_t f = 0; f < spec.filters; ++f) {
            const int64_t first_channel = f / spec.filters_per_group() * group_channels;
            T sum = 0;
            for (int64_t kd = 0; kd < depth.size; ++kd) {
              for (int64_t ky = 0; ky < rows.size; ++ky) {
                for (int64_t kx = 0; kx < columns.size; ++kx) {
                  const T* pixel = pixel_under(n, od, oy, ox, kd, ky, kx);
                  const T* weights = weights_at(kd, ky, kx);
                  for (int64_t c = 0; c < group_channels; ++c) {
                    sum += (pixel == nullptr ? T{0} : pixel[first_channel + c]) * weights[c * spec.filters + f];
                  }
                }
              }
            }
            *output++ = bias == nullptr ? sum : sum + bias[f];
          }
        }
      }
    }
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_CONV_H_
