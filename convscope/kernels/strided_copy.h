// Copies of boxes of elements between arrays of any strides: what transposing, cropping, padding and joining have in
// common. It moves elements and computes nothing.
#ifndef CONVSCOPE_KERNELS_STRIDED_COPY_H_
#define CONVSCOPE_KERNELS_STRIDED_COPY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

// One axis of the box. Strides are in elements, not negative; those of `to` make every element a place of its own, one
// of 0 in `from` shows the same elements again and again.
struct StridedAxis {
  int64_t length = 1;
  int64_t from = 0;  // stride in the source
  int64_t to = 0;    // stride in the target
};

// The strides of a dense row-major array, in elements.
std::vector<int64_t> DenseStrides(const Shape& shape);

// A copy made ready; immutable, so one object serves many calls.
class StridedCopy {
 public:
  // `element_size` is 1, 4 or 8 bytes. The order of the axes does not matter.
  StridedCopy(std::span<const StridedAxis> axes, size_t element_size);

  // From the box's first element at `from` to its first at `to`, which must not overlap. Runs on all threads.
  void operator()(const void* from, void* to) const;

 private:
  template <typename T>
  void Copy(const T* from, T* to) const;

  size_t element_size_;
  int64_t elements_ = 1;
  std::vector<StridedAxis> outer_;  // the last one moves fastest
  StridedAxis row_;                 // moves through the source in steps that are as small as there are; length 1: none
  StridedAxis run_;                 // moves through the target in the smallest steps
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_STRIDED_COPY_H_
