// Arithmetic, comparison and logic of two tensors, element by element. Sums and products of any number of tensors are
// AddOp and MultiplyOp.
#ifndef CONVSCOPE_GRAPH_BINARY_OPERATION_H_
#define CONVSCOPE_GRAPH_BINARY_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

enum class BinaryKind : uint8_t {
  kSubtract,   // a - b
  kDivide,     // a / b; of integers the quotient without its fraction, and 0 where b is 0
  kPower,      // a^b; of integers 0 where the power is a fraction
  kMinimum,    // NaN where one of them is
  kMaximum,    // NaN where one of them is
  kModulo,     // a - b floor(a / b), of the sign of b, as Python's %; of integers 0 where b is 0
  kRemainder,  // a - b trunc(a / b), of the sign of a, as C's fmod; of integers 0 where b is 0
  kEqual,      // of bool too; this and the following ones give bool, false where one is NaN
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kAnd,  // this and the following ones take bool
  kOr,
  kXor,
};

// Two inputs of one type, any but bool where nothing else is said; integers wrap around. Their shapes are broadcast as
// MultiplyOp's are. Names and rules are ONNX'. Infer throws Error for other types and shapes.
//
// The gradient of a minimum or a maximum goes to the input that it is, to the first where both are; that of a^b with
// respect to b is 0 where a is 0 and b is not negative. Comparisons have none.
struct BinaryOp {
  BinaryKind kind = BinaryKind::kSubtract;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_BINARY_OPERATION_H_
