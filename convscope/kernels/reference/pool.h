// Max and average pooling, readable: the truth that the fast pooling is tested against, and the float64 path.
#ifndef CONVSCOPE_KERNELS_REFERENCE_POOL_H_
#define CONVSCOPE_KERNELS_REFERENCE_POOL_H_

#include <cmath>
#include <cstdint>
#include <limits>

#include "convscope/kernels/pool.h"
#include "convscope/kernels/window.h"

namespace convscope::reference {

// The rules of PoolSpec, one window at a time. A NaN in the window makes its maximum the first such NaN. The average is
// the sum in T, in the order of memory, divided by the number of elements that count.
// `spec` must pass PoolSpec::Check. Shapes: input spec.InputShape(), output spec.OutputShape(), no overlap.
template <typename T>
void Pool(const PoolSpec& spec, const T* input, T* output) {
  const auto& [depth, rows, columns] = spec.axes;

  // Position in the padded axis, 0 at the first element of the input, and whether anything is there: what ceil_mode
  // adds lies past the padding.
  const auto position = [](const WindowAxis& axis, int64_t o, int64_t k) {
    return o * axis.stride + k * axis.dilation - axis.pad_before;
  };
  const auto exists = [&](const WindowAxis& axis, int64_t i) { return i < axis.in + axis.pad_after; };

  for (int64_t n = 0; n < spec.batch; ++n) {
    for (int64_t od = 0; od < depth.out(); ++od) {
      for (int64_t oy = 0; oy < rows.out(); ++oy) {
        for (int64_t ox = 0; ox < columns.out(); ++ox) {
          for (int64_t c = 0; c < spec.channels; ++c) {
            T maximum = -std::numeric_limits<T>::infinity();
            T sum = 0;
            int64_t pixels = 0, padding = 0;
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
                    continue;
                  }
                  const T value = input[(((n * depth.in + d) * rows.in + y) * columns.in + x) * spec.channels + c];
                  if (!(value <= maximum) && !std::isnan(maximum)) maximum = value;
                  sum += value;
                  ++pixels;
                }
              }
            }
            const int64_t counted = pixels + (spec.count_include_pad ? padding : 0);
            *output++ = spec.kind == PoolKind::kMax ? maximum : sum / static_cast<T>(counted);
          }
        }
      }
    }
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_POOL_H_
