// Gradients of max and average pooling, readable: the truth that the fast ones are tested against, and the float64
// path.
#ifndef CONVSCOPE_KERNELS_REFERENCE_POOL_GRADIENT_H_
#define CONVSCOPE_KERNELS_REFERENCE_POOL_GRADIENT_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "convscope/kernels/pool_gradient.h"

namespace convscope::reference {

// The rules of PoolGradient, one window after the other in the order of the output; what an input element gets from
// several windows is summed in T in that order.
// `spec` must pass PoolSpec::Check. Shapes: input and input_gradient spec.InputShape(), output_gradient
// spec.OutputShape(); nothing overlaps. The average reads no input, which may be null.
template <typename T>
void PoolGradient(const PoolSpec& spec, const T* input, const T* output_gradient, T* input_gradient) {
  const auto& [depth, rows, columns] = spec.axes;
  std::fill_n(input_gradient, spec.InputShape().NumElements(), T{0});
  std::vector<int64_t> window;  // the pixels that it sees, as indexes of their first channels

  const auto position = [](const WindowAxis& axis, int64_t o, int64_t k) {
    return o * axis.stride + k * axis.dilation - axis.pad_before;
  };
  const auto exists = [](const WindowAxis& axis, int64_t i) { return i < axis.in + axis.pad_after; };

  for (int64_t n = 0; n < spec.batch; ++n) {
    for (int64_t od = 0; od < depth.out(); ++od) {
      for (int64_t oy = 0; oy < rows.out(); ++oy) {
        for (int64_t ox = 0; ox < columns.out(); ++ox) {
          window.clear();
          int64_t padding = 0;
          for (int64_t kd = 0; kd < depth.size; ++kd) {
            for (int64_t ky = 0; ky < rows.size; ++ky) {
              for (int64_t kx = 0; kx < columns.size; ++kx) {
                const int64_t pd = position(depth, od, kd);
                const int64_t py = position(rows, oy, ky);
                const int64_t px = position(columns, ox, kx);
                if (!exists(depth, pd) || !exists(rows, py) || !exists(columns, px)) continue;
                const int64_t d = SourceIndex(pd, depth.in, spec.pad_mode);
                const int64_t y = SourceIndex(py, rows.in, spec.pad_mode);
                const int64_t x = SourceIndex(px, columns.in, spec.pad_mode);
                if (d < 0 || y < 0 || x < 0) {
                  ++padding;
                } else {
                  window.push_back((((n * depth.in + d) * rows.in + y) * columns.in + x) * spec.channels);
                }
              }
            }
          }
          const int64_t counted = static_cast<int64_t>(window.size()) + (spec.count_include_pad ? padding : 0);
          for (int64_t c = 0; c < spec.channels; ++c) {
            const T gradient = *output_gradient++;
            if (window.empty()) continue;
            if (spec.kind == PoolKind::kAverage) {
              for (const int64_t pixel : window) input_gradient[pixel + c] += gradient / static_cast<T>(counted);
              continue;
            }
            int64_t first = window[0];
            for (const int64_t pixel : window) {
              const T maximum = input[first + c];
              if (!(input[pixel + c] <= maximum) && !std::isnan(maximum)) first = pixel;
            }
            input_gradient[first + c] += gradient;
          }
        }
      }
    }
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_POOL_GRADIENT_H_
