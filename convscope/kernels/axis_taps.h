// Linear functions of arrays that work on each axis by itself: enlarging, and padding with what is there. The same code
// runs their gradients, which are the same lists read backwards.
#ifndef CONVSCOPE_KERNELS_AXIS_TAPS_H_
#define CONVSCOPE_KERNELS_AXIS_TAPS_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/base/parallel.h"

namespace convscope {

struct Tap {
  int64_t index = 0;  // in the input's axis
  double weight = 1;
};

// One axis: output place o is the weighted sum of taps[o] of the input.
struct AxisTaps {
  int64_t in = 0;                      // length of the input's axis
  std::vector<std::vector<Tap>> taps;  // one list an output place

  static AxisTaps Identity(int64_t length) {
    AxisTaps axis{.in = length};
    for (int64_t i = 0; i < length; ++i) axis.taps.push_back({{.index = i}});
    return axis;
  }

  int64_t out() const { return static_cast<int64_t>(taps.size()); }

  bool IsIdentity() const {
    bool same = out() == in;
    for (int64_t i = 0; same && i < in; ++i)
      same = taps[i].size() == 1 && taps[i][0].index == i && taps[i][0].weight == 1;
    return same;
  }

  // What each input place gives to, by the same weights: the gradient's lists, in the order of the outputs.
  AxisTaps Transposed() const {
    AxisTaps axis{.in = out(), .taps = std::vector<std::vector<Tap>>(in)};
    for (int64_t o = 0; o < out(); ++o) {
      for (const Tap& tap : taps[o]) axis.taps[tap.index].push_back({o, tap.weight});
    }
    return axis;
  }
};

// An array's axes made ready: those at the end that stay as they are become one run of memory.
class TapPlan {
 public:
  explicit TapPlan(std::vector<AxisTaps> axes) : axes_(std::move(axes)) {
    while (!axes_.empty() && axes_.back().IsIdentity()) {
      run_ *= axes_.back().in;
      axes_.pop_back();
    }
    for (const AxisTaps& axis : axes_) rows_ *= axis.out();
  }

  // Arrays of the axes' input and output lengths, row-major. Sums are in T, in the order of the lists. Runs on all
  // threads.
  template <typename T>
  void operator()(const T* input, T* output) const {
    ParallelRanges(rows_, (int64_t{1} << 14) / (run_ + 1) + 1, [&](int64_t begin, int64_t end) {
      std::vector<const std::vector<Tap>*> lists(axes_.size());
      for (int64_t row = begin; row < end; ++row) {
        int64_t place = row;
        for (size_t k = axes_.size(); k-- > 0; place /= axes_[k].out())
          lists[k] = &axes_[k].taps[place % axes_[k].out()];
        bool empty = true;
        Add(lists, 0, 0, 1, input, output + row * run_, empty);
        if (empty) std::fill_n(output + row * run_, run_, T{0});
      }
    });
  }

 private:
  // Adds to `output` every product of taps of the axes from `axis` on; the first one is stored.
  template <typename T>
  void Add(const std::vector<const std::vector<Tap>*>& lists, size_t axis, int64_t place, double weight, const T* input,
           T* output, bool& empty) const {
    if (axis < lists.size()) {
      for (const Tap& tap : *lists[axis]) {
        Add(lists, axis + 1, place * axes_[axis].in + tap.index, weight * tap.weight, input, output, empty);
      }
      return;
    }
    const T* from = input + place * run_;
    const T w = static_cast<T>(weight);
    if (empty) {
      for (int64_t i = 0; i < run_; ++i) output[i] = w * from[i];
    } else {
      for (int64_t i = 0; i < run_; ++i) output[i] += w * from[i];
    }
    empty = false;
  }

  std::vector<AxisTaps> axes_;
  int64_t run_ = 1;   // elements
  int64_t rows_ = 1;  // runs of the output
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_AXIS_TAPS_H_
