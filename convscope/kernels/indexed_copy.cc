#include "convscope/kernels/indexed_copy.h"

#include <algorithm>
#include <cstring>

#include "convscope/base/parallel.h"
#include "convscope/kernels/strided_copy.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

// Places that follow each other, from any first one.
bool IsRun(const std::vector<int64_t>& places) {
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[0] < 0 || places[i] != places[0] + static_cast<int64_t>(i)) return false;
  }
  return !places.empty();
}

}  // namespace

IndexedCopy::IndexedCopy(const Shape& input, const std::vector<std::vector<int64_t>>& places, size_t element_size,
                         uint64_t fill)
    : element_size_(element_size), fill_(fill) {
  const std::vector<int64_t> strides = DenseStrides(input);
  size_t axes = places.size();
  for (bool whole = true; whole && axes > 0 && IsRun(places[axes - 1]);) {
    --axes;
    const auto length = static_cast<int64_t>(places[axes].size());
    base_ += places[axes][0] * strides[axes];
    run_ *= length;
    whole = length == input[static_cast<int>(axes)];
  }
  for (size_t axis = 0; axis < axes; ++axis) {
    std::vector<int64_t> offsets;
    for (const int64_t place : places[axis]) offsets.push_back(place < 0 ? -1 : place * strides[axis]);
    rows_ *= static_cast<int64_t>(offsets.size());
    offsets_.push_back(std::move(offsets));
  }
  if (offsets_.empty()) offsets_.push_back({0});
}

template <typename T>
void IndexedCopy::Copy(const T* from, T* to) const {
  const T fill = static_cast<T>(fill_);
  const std::vector<int64_t>& inner = offsets_.back();
  const auto inner_length = static_cast<int64_t>(inner.size());
  ParallelRanges(rows_, kGrain / run_ + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end;) {
      int64_t outer = row / inner_length;
      const int64_t first = row % inner_length, last = std::min(inner_length, first + end - row);
      const T* source = from + base_;
      bool gap = false;
      for (size_t axis = offsets_.size() - 1; axis-- > 0;) {
        const auto length = static_cast<int64_t>(offsets_[axis].size());
        const int64_t offset = offsets_[axis][outer % length];
        outer /= length;
        gap = gap || offset < 0;
        source += std::max<int64_t>(offset, 0);
      }
      T* target = to + row * run_;
      row += last - first;
      if (gap) {
        std::fill_n(target, (last - first) * run_, fill);
      } else if (run_ == 1) {
        for (int64_t j = first; j < last; ++j) *target++ = inner[j] < 0 ? fill : source[inner[j]];
      } else {
        for (int64_t j = first; j < last; ++j, target += run_) {
          const T* read = source + inner[j];
          if (inner[j] < 0) {
            std::fill_n(target, run_, fill);
          } else if (run_ > 16) {
            std::memcpy(target, read, static_cast<size_t>(run_) * sizeof(T));
          } else {
            for (int64_t i = 0; i < run_; ++i) target[i] = read[i];
          }
        }
      }
    }
  });
}

void IndexedCopy::operator()(const void* from, void* to) const {
  if (rows_ == 0 || run_ == 0) return;
  switch (element_size_) {
    case 1:
      return Copy(static_cast<const uint8_t*>(from), static_cast<uint8_t*>(to));
    case 4:
      return Copy(static_cast<const uint32_t*>(from), static_cast<uint32_t*>(to));
    default:
      return Copy(static_cast<const uint64_t*>(from), static_cast<uint64_t*>(to));
  }
}

}  // namespace convscope
