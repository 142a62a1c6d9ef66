// Sums, means, extremes and norms along axes. Means and maxima of all pixels are GlobalPoolOp as well.
#ifndef CONVSCOPE_GRAPH_REDUCE_OPERATION_H_
#define CONVSCOPE_GRAPH_REDUCE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// Of the values that one result is made of; in brackets what it is of none.
enum class ReduceKind : uint8_t {
  kSum,        // (0)
  kMean,       // of integers without its fraction (NaN; 0)
  kMax,        // NaN where one is NaN (the least number of the type)
  kMin,        // NaN where one is NaN (the largest number of the type)
  kProduct,    // (1)
  kL1,         // sum |x| (0)
  kL2,         // sqrt(sum x^2) (0)
  kLogSum,     // log(sum x), of floats alone (-infinity)
  kLogSumExp,  // log(sum e^x), of floats alone, without overflow on the way (-infinity)
  kSumSquare,  // sum x^2 (0)
};

// One input of any type but bool; integers wrap around. `axes` count from 0, or, negative, from behind the last one; no
// axes: nothing is reduced, each result is that of one value. Infer throws Error for an axis that is not there or named
// twice.
//
// Floating numbers are summed and multiplied in double, in an order that depends on the shape alone. The gradient of an
// extreme is shared by all values that it is, as in TensorFlow and PyTorch; that of a norm at 0 is 0.
struct ReduceOp {
  ReduceKind kind = ReduceKind::kSum;
  std::vector<int64_t> axes;
  bool keep_axes = true;  // the reduced axes stay, with length 1

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_REDUCE_OPERATION_H_
