// Copies of elements that are picked axis by axis: every second row, the columns from the last to the first, a picture
// twice. It moves elements of any type and computes nothing; for whole boxes see strided_copy.h.
#ifndef CONVSCOPE_KERNELS_INDEXED_COPY_H_
#define CONVSCOPE_KERNELS_INDEXED_COPY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

// A copy made ready; immutable, so one object serves many calls.
class IndexedCopy {
 public:
  // places[a][o] is the place on axis a of `input` that place o of the output's axis a shows; -1: none, and all
  // elements there get `fill`, the bits of an element. `element_size` is 1, 4 or 8 bytes.
  IndexedCopy(const Shape& input, const std::vector<std::vector<int64_t>>& places, size_t element_size,
              uint64_t fill = 0);

  // From a dense row-major array of the input's shape to one of the output's, which must not overlap. Runs on all
  // threads.
  void operator()(const void* from, void* to) const;

 private:
  template <typename T>
  void Copy(const T* from, T* to) const;

  size_t element_size_;
  uint64_t fill_;
  std::vector<std::vector<int64_t>> offsets_;  // in elements, one list an axis; -1: none
  int64_t base_ = 0;                           // elements before the first that is read
  int64_t run_ = 1;                            // elements that lie together in both arrays
  int64_t rows_ = 1;                           // runs of the output
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INDEXED_COPY_H_
