#include "convscope/formats/internal/moved_axes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "convscope/kernels/strided_copy.h"

namespace convscope::internal {
namespace {

// copy(place in the array of shape `shape`, place in the moved one) for each element.
template <typename Copy>
void ForEachPlace(const Shape& shape, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped,
                  const Copy& copy) {
  const int rank = shape.rank();
  const std::vector<int64_t> strides = DenseStrides(shape);
  std::array<int64_t, Shape::kMaxRank> step{}, length{}, index{};
  int64_t place = 0;  // while the place in the moved array counts up
  for (int i = 0; i < rank; ++i) {
    const auto axis = static_cast<int>(axes[static_cast<size_t>(i)]);
    const bool flip = std::count(flipped.begin(), flipped.end(), axis) > 0;
    const int64_t stride = strides[static_cast<size_t>(axis)];
    length[i] = shape[axis];
    step[i] = flip ? -stride : stride;
    if (flip) place += stride * (shape[axis] - 1);
  }
  const int64_t elements = shape.NumElements();
  for (int64_t moved = 0; moved < elements; ++moved) {
    copy(static_cast<size_t>(place), static_cast<size_t>(moved));
    for (int i = rank - 1; i >= 0; --i) {
      place += step[i];
      if (++index[i] < length[i]) break;
      place -= step[i] * length[i];
      index[i] = 0;
    }
  }
}

}  // namespace

void MoveAxes(const std::byte* from, std::byte* to, const Shape& shape, size_t element_bytes,
              const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped) {
  ForEachPlace(shape, axes, flipped, [&](size_t place, size_t moved) {
    std::memcpy(to + moved * element_bytes, from + place * element_bytes, element_bytes);
  });
}

void MoveAxesBack(const std::byte* from, std::byte* to, const Shape& shape, size_t element_bytes,
                  const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped) {
  ForEachPlace(shape, axes, flipped, [&](size_t place, size_t moved) {
    std::memcpy(to + place * element_bytes, from + moved * element_bytes, element_bytes);
  });
}

}  // namespace convscope::internal
