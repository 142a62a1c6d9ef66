// An array with its axes in another order, some of them turned around: how weights and pictures of other programs
// become ours. Bytes alone are moved; axes and shapes are the caller's to check. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_MOVED_AXES_H_
#define CONVSCOPE_FORMATS_INTERNAL_MOVED_AXES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope::internal {

// `from` has the shape `shape`, row-major; axis i of `to` is its axis axes[i]. Those axes of `from` that are in
// `flipped` run from their end to their beginning in `to`.
void MoveAxes(const std::byte* from, std::byte* to, const Shape& shape, size_t element_bytes,
              const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped = {});

// The other way: `to` has the shape `shape`, axis i of `from` is its axis axes[i].
void MoveAxesBack(const std::byte* from, std::byte* to, const Shape& shape, size_t element_bytes,
                  const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped = {});

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_MOVED_AXES_H_
