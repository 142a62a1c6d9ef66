// Element-wise loops over tensors of which some are repeated along some axes, and the sums that their gradients are.
// For the operations of this folder; not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_BROADCAST_H_
#define CONVSCOPE_GRAPH_INTERNAL_BROADCAST_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/graph/operation.h"
#include "convscope/kernels/partial_sums.h"
#include "convscope/tensor/shape.h"

namespace convscope {

// The shape that all of `shapes` are repeated to: axes are compared from the last one on, missing ones and those of
// length 1 follow the others (NumPy's and ONNX' rule). Throws Error where two lengths differ.
Shape BroadcastShape(std::span<const Shape> shapes);

// The same for all inputs of an operation.
Shape BroadcastShape(std::span<const TensorType> inputs);
std::vector<Shape> ShapesOf(std::span<const TensorType> inputs);
std::vector<Shape> ShapesOf(std::span<const Tensor* const> inputs);
std::vector<InputReads> BroadcastReadsOf(std::span<const TensorType> inputs);

// The element of input k that element `element` of the output is made of.
int64_t BroadcastElement(std::span<const Shape> shapes, size_t k, int64_t element);

// How operands lie under their common shape: runs along which each operand either moves by one element or stays.
class Broadcast {
 public:
  explicit Broadcast(std::span<const Shape> operands);

  int64_t size() const { return size_; }  // elements of the common shape
  // 1 or 0: whether operand k moves along a run.
  int64_t step(size_t k) const { return steps_[k]; }

  // Calls body(i, offsets, count) for pieces of runs that cover the elements [begin, end) of the common shape: `i` is
  // the piece's first element there, offsets[k] its first element in operand k.
  template <typename Body>
  void ForRuns(int64_t begin, int64_t end, const Body& body) const {
    if (begin >= end) return;  // nothing, where an axis has length 0
    std::vector<int64_t> offsets(steps_.size()), places(lengths_.size());
    int64_t run = begin / run_;
    for (size_t axis = lengths_.size(); axis-- > 0; run /= lengths_[axis]) places[axis] = run % lengths_[axis];
    for (size_t k = 0; k < offsets.size(); ++k) {
      offsets[k] = begin % run_ * steps_[k];
      for (size_t axis = 0; axis < places.size(); ++axis) offsets[k] += places[axis] * strides_[k][axis];
    }
    for (int64_t i = begin; i < end;) {
      const int64_t place = i % run_, count = std::min(run_ - place, end - i);
      body(i, offsets.data(), count);
      i += count;
      // To the beginning of the next run.
      for (size_t k = 0; k < offsets.size(); ++k) offsets[k] -= place * steps_[k];
      for (size_t axis = places.size(); axis-- > 0;) {
        const bool wraps = ++places[axis] == lengths_[axis];
        const int64_t moved = wraps ? 1 - lengths_[axis] : 1;
        for (size_t k = 0; k < offsets.size(); ++k) offsets[k] += moved * strides_[k][axis];
        if (!wraps) break;
        places[axis] = 0;
      }
    }
  }

 private:
  int64_t size_ = 1;
  int64_t run_ = 1;                            // elements
  std::vector<int64_t> lengths_;               // of the axes above the run
  std::vector<std::vector<int64_t>> strides_;  // elements, one list an operand
  std::vector<int64_t> steps_;
};

inline constexpr int64_t kBroadcastGrain = int64_t{1} << 15;  // elements: some microseconds of work

// output[i] = f(a, b), of the common shape of the two operands of `broadcast`. Plain loops: vectors where they pay.
template <typename T, typename Output, typename F>
void MapBroadcast(const Broadcast& broadcast, const T* a, const T* b, Output* output, const F& f) {
  const bool moves_a = broadcast.step(0) != 0, moves_b = broadcast.step(1) != 0;
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      const T* x = a + offsets[0];
      const T* y = b + offsets[1];
      Output* to = output + first;
      if (moves_a && moves_b) {
        for (int64_t i = 0; i < count; ++i) to[i] = f(x[i], y[i]);
      } else if (moves_a) {
        for (int64_t i = 0; i < count; ++i) to[i] = f(x[i], *y);
      } else if (moves_b) {
        for (int64_t i = 0; i < count; ++i) to[i] = f(*x, y[i]);
      } else {
        std::fill_n(to, count, f(*x, *y));
      }
    });
  });
}

// output[j] = the sum of f(a, b) over all elements that operand 2, whose shape is the output's, shows as its element j.
// `broadcast` has operands a, b and output. The sums are in double, cut into pieces by the shapes alone.
template <typename T, typename F>
void SumBroadcast(const Broadcast& broadcast, int64_t output_size, const T* a, const T* b, T* output, const F& f) {
  const int64_t size = broadcast.size();
  const int64_t most = std::min<int64_t>(64, output_size > 0 ? size / output_size : 1);
  const int64_t pieces = std::max<int64_t>(1, std::min(most, size / kBroadcastGrain));
  std::vector<double> sums(pieces * output_size);
  const bool together = broadcast.step(0) != 0 && broadcast.step(1) != 0;
  ParallelFor(pieces, [&](int64_t piece) {
    double* of_piece = sums.data() + piece * output_size;
    broadcast.ForRuns(size * piece / pieces, size * (piece + 1) / pieces,
                      [&](int64_t, const int64_t* offsets, int64_t count) {
                        const T* x = a + offsets[0];
                        const T* y = b + offsets[1];
                        double* to = of_piece + offsets[2];
                        const int64_t step_x = broadcast.step(0), step_y = broadcast.step(1);
                        if (broadcast.step(2) == 0) {
                          *to += PartialSums(count, [&](int64_t i) { return f(x[i * step_x], y[i * step_y]); });
                        } else if (together) {
                          for (int64_t i = 0; i < count; ++i) to[i] += f(x[i], y[i]);
                        } else {
                          for (int64_t i = 0; i < count; ++i) to[i] += f(x[i * step_x], y[i * step_y]);
                        }
                      });
  });
  for (int64_t j = 0; j < output_size; ++j) {
    double sum = sums[j];
    for (int64_t piece = 1; piece < pieces; ++piece) sum += sums[piece * output_size + j];
    output[j] = static_cast<T>(sum);
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_BROADCAST_H_
