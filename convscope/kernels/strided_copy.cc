#include "convscope/kernels/strided_copy.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "convscope/base/parallel.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work
// A square that is read along one side and written along the other: 16 floats are a cache line.
constexpr int64_t kTile = 16;

}  // namespace

std::vector<int64_t> DenseStrides(const Shape& shape) {
  std::vector<int64_t> strides(shape.rank());
  int64_t stride = 1;
  for (int i = shape.rank(); i-- > 0; stride *= shape[i]) strides[i] = stride;
  return strides;
}

StridedCopy::StridedCopy(std::span<const StridedAxis> axes, size_t element_size) : element_size_(element_size) {
  std::vector<StridedAxis> sorted;
  for (const StridedAxis& axis : axes) {
    elements_ *= axis.length;
    if (axis.length != 1) sorted.push_back(axis);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.to > b.to; });
  // Two axes that both arrays run through as one are one.
  for (const StridedAxis& axis : sorted) {
    const bool goes_on =
        !outer_.empty() && outer_.back().from == axis.from * axis.length && outer_.back().to == axis.to * axis.length;
    if (goes_on) {
      outer_.back() = {outer_.back().length * axis.length, axis.from, axis.to};
    } else {
      outer_.push_back(axis);
    }
  }
  if (outer_.empty()) return;
  run_ = outer_.back();
  outer_.pop_back();
  // What is repeated has no step of its own.
  const auto step = [](const StridedAxis& axis) {
    return axis.from == 0 ? std::numeric_limits<int64_t>::max() : axis.from;
  };
  const auto nearest =
      std::min_element(outer_.begin(), outer_.end(), [&](const auto& a, const auto& b) { return step(a) < step(b); });
  if (nearest == outer_.end() || step(*nearest) >= run_.from) return;
  row_ = *nearest;
  outer_.erase(nearest);
}

template <typename T>
void StridedCopy::Copy(const T* from, T* to) const {
  const int64_t strips = (row_.length + kTile - 1) / kTile;
  const int64_t rows = elements_ / (row_.length * run_.length);
  const int64_t of_strip = std::min(row_.length, kTile) * run_.length;  // elements
  ParallelRanges(rows * strips, kGrain / of_strip + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* source = from;
      T* target = to;
      int64_t place = i / strips;
      for (size_t k = outer_.size(); k-- > 0; place /= outer_[k].length) {
        source += place % outer_[k].length * outer_[k].from;
        target += place % outer_[k].length * outer_[k].to;
      }
      const int64_t first = i % strips * kTile, last = std::min(first + kTile, row_.length);
      if (row_.length == 1 && run_.from == 1 && run_.to == 1) {
        if (run_.length > 16) {
          std::memcpy(target, source, static_cast<size_t>(run_.length) * sizeof(T));
        } else {
          for (int64_t j = 0; j < run_.length; ++j) target[j] = source[j];
        }
        continue;
      }
      for (int64_t tile = 0; tile < run_.length; tile += kTile) {
        const int64_t tile_end = std::min(tile + kTile, run_.length);
        for (int64_t r = first; r < last; ++r) {
          const T* read = source + r * row_.from;
          T* write = target + r * row_.to;
          for (int64_t j = tile; j < tile_end; ++j) write[j * run_.to] = read[j * run_.from];
        }
      }
    }
  });
}

void StridedCopy::operator()(const void* from, void* to) const {
  if (elements_ == 0) return;
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
