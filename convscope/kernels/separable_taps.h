// Linear functions of arrays that work on each axis by itself, done one axis after the other: for lists of several taps
// (enlarging, shrinking), where each pass over memory is far less work than all products of taps at once. TapPlan
// (axis_taps.h) does those, and needs no memory of its own; what only moves elements is IndexedCopy's.
#ifndef CONVSCOPE_KERNELS_SEPARABLE_TAPS_H_
#define CONVSCOPE_KERNELS_SEPARABLE_TAPS_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/axis_taps.h"

namespace convscope {

// T is float or double; sums are in T, in the order of the lists. It owns memory for what lies between two passes, so
// one object serves one call at a time.
template <typename T>
class SeparableTaps {
 public:
  explicit SeparableTaps(std::vector<AxisTaps> axes) {
    std::vector<int64_t> lengths;
    std::vector<size_t> order;  // axes that change
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      lengths.push_back(axes[axis].in);
      if (!axes[axis].IsIdentity()) order.push_back(axis);
    }
    // What makes the array smallest goes first; of equals, the last axis, so that longer ones find long runs.
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      const double left = static_cast<double>(axes[a].out()) * static_cast<double>(axes[b].in);
      const double right = static_cast<double>(axes[b].out()) * static_cast<double>(axes[a].in);
      return left != right ? left < right : a > b;
    });
    for (const int64_t length : lengths) elements_ *= length;
    for (const size_t axis : order) {
      Pass pass{.in = axes[axis].in};
      for (size_t i = 0; i < axis; ++i) pass.outer *= lengths[i];
      for (size_t i = axis + 1; i < lengths.size(); ++i) pass.inner *= lengths[i];
      for (const std::vector<Tap>& of_place : axes[axis].taps) {
        for (const Tap& tap : of_place) pass.taps.push_back({tap.index, static_cast<T>(tap.weight)});
        pass.ends.push_back(static_cast<int64_t>(pass.taps.size()));
      }
      lengths[axis] = axes[axis].out();
      if (!passes_.empty()) between_[passes_.size() % 2].resize(std::max(between_[passes_.size() % 2].size(), Size()));
      passes_.push_back(std::move(pass));
    }
  }

  // Arrays of the axes' input and output lengths, row-major. Runs on all threads.
  void operator()(const T* input, T* output) {
    if (passes_.empty()) std::copy(input, input + elements_, output);
    for (size_t i = 0; i < passes_.size(); ++i) {
      T* to = i + 1 == passes_.size() ? output : between_[(i + 1) % 2].data();
      Along(passes_[i], i == 0 ? input : between_[i % 2].data(), to);
    }
  }

 private:
  static constexpr int64_t kFewest = 4;  // elements: up to here a loop over them costs more than it saves

  struct WeightedPlace {
    int64_t place;
    T weight;
  };
  // (outer, in, inner) to (outer, out, inner).
  struct Pass {
    int64_t outer = 1, in = 1, inner = 1;
    std::vector<WeightedPlace> taps;  // of all output places, one after the other
    std::vector<int64_t> ends;        // of each output place's taps

    int64_t out() const { return static_cast<int64_t>(ends.size()); }
  };

  // Elements that the last pass so far makes.
  size_t Size() const {
    const Pass& pass = passes_.back();
    return static_cast<size_t>(pass.outer * pass.out() * pass.inner);
  }

  static void Along(const Pass& pass, const T* input, T* output) {
    const int64_t out = pass.out(), inner = pass.inner;
    ParallelRanges(pass.outer * out, (int64_t{1} << 14) / (inner + 1) + 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t place = row % out;
        const WeightedPlace* tap = pass.taps.data() + (place == 0 ? 0 : pass.ends[place - 1]);
        const WeightedPlace* last = pass.taps.data() + pass.ends[place];
        const T* from = input + row / out * pass.in * inner;
        T* to = output + row * inner;
        if (inner > kFewest) {
          Row(from, inner, tap, last, to);
          continue;
        }
        for (int64_t i = 0; i < inner; ++i) {
          T sum = 0;
          for (const WeightedPlace* each = tap; each < last; ++each) {
            sum += each->weight * from[each->place * inner + i];
          }
          to[i] = sum;
        }
      }
    });
  }

  static void Row(const T* from, int64_t count, const WeightedPlace* tap, const WeightedPlace* last, T* to) {
    if (last - tap == 1 && tap->weight == 1) {
      std::copy_n(from + tap->place * count, count, to);
      return;
    }
    if (last - tap >= 2) {
      const T *a = from + tap[0].place * count, *b = from + tap[1].place * count;
      const T u = tap[0].weight, v = tap[1].weight;
      for (int64_t i = 0; i < count; ++i) to[i] = u * a[i] + v * b[i];
      tap += 2;
    } else {
      std::fill_n(to, count, T{0});
    }
    for (; tap < last; ++tap) {
      const T* a = from + tap->place * count;
      const T u = tap->weight;
      for (int64_t i = 0; i < count; ++i) to[i] += u * a[i];
    }
  }

  std::vector<Pass> passes_;
  std::vector<T> between_[2];
  int64_t elements_ = 1;  // of the input
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_SEPARABLE_TAPS_H_
