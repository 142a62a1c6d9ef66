// Functions of one tensor, element by element, that networks do not use as activations (for those and e^x see
// ActivationOp).
#ifndef CONVSCOPE_GRAPH_UNARY_OPERATION_H_
#define CONVSCOPE_GRAPH_UNARY_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

enum class UnaryKind : uint8_t {
  kAbs,  // this, kNegative and kSign: of any type but bool; integers wrap around
  kNegative,
  kLog,  // natural
  kSqrt,
  kReciprocal,
  kErf,
  kSign,  // -1, 0 or 1
  kFloor,
  kCeil,
  kRound,  // to the nearest whole number, halves to the even one
  kNot,    // of bool
  kSin,    // angles in radians
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kAsinh,
  kAcosh,
  kAtanh,
  kIsNaN,  // this and the next give bool
  kIsInf,
};

// One input, float32 or float64 where nothing else is said; the output has its shape and, but for kIsNaN and kIsInf,
// its type. Names and rules are ONNX': NaN where a function is not defined, the limit at an infinity. Infer throws
// Error for another type.
//
// Gradients of steps (kSign, kFloor, kCeil, kRound) are zero, and that of kAbs at 0 is.
struct UnaryOp {
  UnaryKind kind = UnaryKind::kAbs;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_UNARY_OPERATION_H_
