// The gradients of a convolution, readable: the truth that the fast ones are tested against, and the float64 path.
//
// Convolution is linear in its input, in its kernel and in its bias, so that each gradient is a convolution's adjoint:
// <Conv(x), dy> = <x, dx> = <kernel, dkernel>. Not here: speed, threads, allocation.
#ifndef CONVSCOPE_KERNELS_REFERENCE_CONV_GRADIENT_H_
#define CONVSCOPE_KERNELS_REFERENCE_CONV_GRADIENT_H_

#include <algorithm>
#include <cstdint>

#include "convscope/kernels/conv.h"
#include "convscope/kernels/window.h"

namespace convscope::reference {

// Calls visit(output_pixel, input_pixel, tap) for every window and every element of it: pixels counted through the
// batch in the order of memory, input_pixel -1 where the element sees a zero of the padding, tap the element's place in
// the kernel's memory (a flipped kernel is read from its far corner).
template <typename Visit>
void ForEachTap(const ConvSpec& spec, const Visit& visit) {
  const auto& [depth, rows, columns] = spec.axes;
  const auto source = [&](const WindowAxis& axis, int64_t o, int64_t k) {
    return SourceIndex(o * axis.stride + k * axis.dilation - axis.pad_before, axis.in, spec.pad_mode);
  };
  const int64_t taps = depth.size * rows.size * columns.size;
  int64_t output_pixel = 0;
  for (int64_t n = 0; n < spec.batch; ++n) {
    for (int64_t od = 0; od < depth.out(); ++od) {
      for (int64_t oy = 0; oy < rows.out(); ++oy) {
        for (int64_t ox = 0; ox < columns.out(); ++ox, ++output_pixel) {
          for (int64_t tap = 0; tap < taps; ++tap) {
            const int64_t d = source(depth, od, tap / columns.size / rows.size);
            const int64_t y = source(rows, oy, tap / columns.size % rows.size);
            const int64_t x = source(columns, ox, tap % columns.size);
            const bool padding = d < 0 || y < 0 || x < 0;
            visit(output_pixel, padding ? -1 : ((n * depth.in + d) * rows.in + y) * columns.in + x,
                  spec.flip_kernel ? taps - 1 - tap : tap);
          }
        }
      }
    }
  }
}

// dx[i, c] = sum of dy[o, f] * kernel[t, c, f] over all windows o and elements t of them that see pixel i, and the
// filters f of c's group. A padding pixel that repeats a real one hands its gradient to that one; zeroes have none.
// Shapes: dy spec.OutputShape(), kernel spec.KernelShape(), dx spec.InputShape(), which must not overlap the others.
template <typename T>
void ConvInputGradient(const ConvSpec& spec, const T* dy, const T* kernel, T* dx) {
  const int64_t group_channels = spec.channels_per_group();
  std::fill_n(dx, spec.InputShape().NumElements(), T{0});
  ForEachTap(spec, [&](int64_t output_pixel, int64_t input_pixel, int64_t tap) {
    if (input_pixel < 0) return;
    for (int64_t f = 0; f < spec.filters; ++f) {
      const int64_t first_channel = f / spec.filters_per_group() * group_channels;
      for (int64_t c = 0; c < group_channels; ++c) {
        dx[input_pixel * spec.channels + first_channel + c] +=
            dy[output_pixel * spec.filters + f] * kernel[(tap * group_channels + c) * spec.filters + f];
      }
    }
  });
}

// dkernel[t, c, f] = sum over all windows o of x[what t sees there, c] * dy[o, f], and dbias[f] = sum of dy[o, f]. A
// zero of the padding is multiplied like any other pixel, so that 0 * NaN in dy gives NaN.
// Shapes: x spec.InputShape(), dy spec.OutputShape(), dkernel spec.KernelShape(), dbias (F,) or null for none.
template <typename T>
void ConvKernelGradient(const ConvSpec& spec, const T* x, const T* dy, T* dkernel, T* dbias) {
  const int64_t group_channels = spec.channels_per_group();
  std::fill_n(dkernel, spec.KernelShape().NumElements(), T{0});
  ForEachTap(spec, [&](int64_t output_pixel, int64_t input_pixel, int64_t tap) {
    for (int64_t f = 0; f < spec.filters; ++f) {
      const int64_t first_channel = f / spec.filters_per_group() * group_channels;
      for (int64_t c = 0; c < group_channels; ++c) {
        dkernel[(tap * group_channels + c) * spec.filters + f] +=
            (input_pixel < 0 ? T{0} : x[input_pixel * spec.channels + first_channel + c]) *
            dy[output_pixel * spec.filters + f];
      }
    }
  });
  if (dbias == nullptr) return;
  std::fill_n(dbias, spec.filters, T{0});
  const int64_t values = spec.OutputShape().NumElements();
  for (int64_t i = 0; i < values; ++i) dbias[i % spec.filters] += dy[i];
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_CONV_GRADIENT_H_
