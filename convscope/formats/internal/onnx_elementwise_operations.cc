// Functions of one or two tensors, element by element, and what is chosen from two, in ONNX.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/unary_operation.h"
#include "convscope/graph/where_operation.h"
#include "convscope/tensor/element_type.h"

namespace convscope::internal {
namespace {

std::vector<std::string> Terms(NodeWriter& node, Layout layout) {
  std::vector<std::string> terms;
  for (size_t i = 0; i < node.input_count(); ++i) terms.push_back(node.Term(i, layout));
  return terms;
}

// The node of ONNX that has the operation's own name.
template <const char* kType>
void WriteSame(NodeWriter& node) {
  const Layout layout = node.FollowingBroadcast();
  node.Add(kType, Terms(node, layout), layout);
}

template <UnaryKind kKind>
OperationPtr ReadUnary(const OnnxAttributes&) {
  return UnaryOp{kKind};
}

template <const char* kType, UnaryKind kKind>
OnnxOperation Unary() {
  return {kType, WriteSame<kType>, ReadUnary<kKind>};
}

template <BinaryKind kKind>
OperationPtr ReadBinary(const OnnxAttributes&) {
  return BinaryOp{kKind};
}

template <const char* kType, BinaryKind kKind>
OnnxOperation Binary() {
  return {kType, WriteSame<kType>, ReadBinary<kKind>};
}

// Of floating numbers ONNX has the remainder alone.
void WriteModulo(NodeWriter& node) {
  const Layout layout = node.FollowingBroadcast();
  const DType dtype = node.InputType(0).dtype;
  const bool remainder = node.attributes().Flag("fmod");
  const std::vector<std::string> inputs = Terms(node, layout);
  if (remainder || (dtype != DType::kFloat32 && dtype != DType::kFloat64)) {
    Set(node.Add("Mod", inputs, layout), "fmod", int64_t{remainder});
    return;
  }
  const std::string quotient = OutputOf(node.AddStep("quotient", "Div", inputs));
  const std::string floor = OutputOf(node.AddStep("floor", "Floor", {quotient}));
  const std::string whole = OutputOf(node.AddStep("whole", "Mul", {floor, inputs[1]}));
  node.Add("Sub", {inputs[0], whole}, layout);
}

OperationPtr ReadModulo(const OnnxAttributes& attributes) {
  return BinaryOp{attributes.Flag("fmod") ? BinaryKind::kRemainder : BinaryKind::kModulo};
}

// A bound that holds nothing back is left out; one of integers is the first whole number inside, of those there are.
void WriteClip(NodeWriter& node) {
  const Layout layout = node.Following();
  double low = node.attributes().Number("low"), high = node.attributes().Number("high");
  ForElementType(node.InputType(0).dtype, [&](auto type) {
    using T = decltype(type);
    if constexpr (std::is_integral_v<T>) {
      constexpr auto kLeast = static_cast<double>(std::numeric_limits<T>::min());
      const double most = std::nextafter(std::ldexp(1.0, std::numeric_limits<T>::digits), 0.0);
      low = std::min(std::ceil(low), std::floor(most));
      high = std::max(std::floor(high), kLeast);
      if (low <= kLeast) low = -std::numeric_limits<double>::infinity();
      if (high >= std::floor(most)) high = std::numeric_limits<double>::infinity();
    }
  });
  std::vector<std::string> inputs = {node.Input(0, layout)};
  if (!std::isinf(low) || !std::isinf(high)) inputs.push_back(std::isinf(low) ? "" : node.Number("low", low));
  if (!std::isinf(high)) inputs.push_back(node.Number("high", high));
  node.Add("Clip", inputs, layout);
}

OperationPtr ReadClip(const OnnxAttributes& attributes) {
  return ClipOp{.low = attributes.Number("low"), .high = attributes.Number("high")};
}

constexpr DType kTypes[] = {DType::kFloat32, DType::kFloat64, DType::kUInt8, DType::kInt8,
                            DType::kInt32,   DType::kInt64,   DType::kBool};

OperationPtr ReadCast(const OnnxAttributes& attributes) {
  for (const DType dtype : kTypes) {
    if (Name(dtype) == attributes.Word("to")) return CastOp{dtype};
  }
  throw Error({.rule = "a cast is to a type of elements", .received = attributes.Word("to")});
}

void WriteCast(NodeWriter& node) {
  const Layout layout = node.Following();
  Set(node.Add("Cast", {node.Input(0, layout)}, layout), "to", int64_t{OnnxType(node.OutputType().dtype)});
}

OperationPtr ReadWhere(const OnnxAttributes&) {
  return WhereOp{};
}

// Template arguments are objects with a name.
constexpr char kAbs[] = "Abs", kNeg[] = "Neg", kLog[] = "Log", kSqrt[] = "Sqrt", kReciprocal[] = "Reciprocal",
               kErf[] = "Erf", kSign[] = "Sign", kFloor[] = "Floor", kCeil[] = "Ceil", kRound[] = "Round",
               kNot[] = "Not", kSin[] = "Sin", kCos[] = "Cos", kTan[] = "Tan", kAsin[] = "Asin", kAcos[] = "Acos",
               kAtan[] = "Atan", kSinh[] = "Sinh", kCosh[] = "Cosh", kAsinh[] = "Asinh", kAcosh[] = "Acosh",
               kAtanh[] = "Atanh", kIsNaN[] = "IsNaN", kIsInf[] = "IsInf";
constexpr char kSub[] = "Sub", kDiv[] = "Div", kPow[] = "Pow", kMin[] = "Min", kMax[] = "Max", kEqual[] = "Equal",
               kLess[] = "Less", kLessOrEqual[] = "LessOrEqual", kGreater[] = "Greater",
               kGreaterOrEqual[] = "GreaterOrEqual", kAnd[] = "And", kOr[] = "Or", kXor[] = "Xor", kWhere[] = "Where";

}  // namespace

std::vector<OnnxOperation> OnnxElementwiseOperations() {
  return {
      Unary<kAbs, UnaryKind::kAbs>(),
      Unary<kNeg, UnaryKind::kNegative>(),
      Unary<kLog, UnaryKind::kLog>(),
      Unary<kSqrt, UnaryKind::kSqrt>(),
      Unary<kReciprocal, UnaryKind::kReciprocal>(),
      Unary<kErf, UnaryKind::kErf>(),
      Unary<kSign, UnaryKind::kSign>(),
      Unary<kFloor, UnaryKind::kFloor>(),
      Unary<kCeil, UnaryKind::kCeil>(),
      Unary<kRound, UnaryKind::kRound>(),
      Unary<kNot, UnaryKind::kNot>(),
      Unary<kSin, UnaryKind::kSin>(),
      Unary<kCos, UnaryKind::kCos>(),
      Unary<kTan, UnaryKind::kTan>(),
      Unary<kAsin, UnaryKind::kAsin>(),
      Unary<kAcos, UnaryKind::kAcos>(),
      Unary<kAtan, UnaryKind::kAtan>(),
      Unary<kSinh, UnaryKind::kSinh>(),
      Unary<kCosh, UnaryKind::kCosh>(),
      Unary<kAsinh, UnaryKind::kAsinh>(),
      Unary<kAcosh, UnaryKind::kAcosh>(),
      Unary<kAtanh, UnaryKind::kAtanh>(),
      Unary<kIsNaN, UnaryKind::kIsNaN>(),
      Unary<kIsInf, UnaryKind::kIsInf>(),
      Binary<kSub, BinaryKind::kSubtract>(),
      Binary<kDiv, BinaryKind::kDivide>(),
      Binary<kPow, BinaryKind::kPower>(),
      Binary<kMin, BinaryKind::kMinimum>(),
      Binary<kMax, BinaryKind::kMaximum>(),
      Binary<kEqual, BinaryKind::kEqual>(),
      Binary<kLess, BinaryKind::kLess>(),
      Binary<kLessOrEqual, BinaryKind::kLessOrEqual>(),
      Binary<kGreater, BinaryKind::kGreater>(),
      Binary<kGreaterOrEqual, BinaryKind::kGreaterOrEqual>(),
      Binary<kAnd, BinaryKind::kAnd>(),
      Binary<kOr, BinaryKind::kOr>(),
      Binary<kXor, BinaryKind::kXor>(),
      {"Mod", WriteModulo, ReadModulo},
      {"Clip", WriteClip, ReadClip},
      {"Cast", WriteCast, ReadCast},
      {"Where", WriteSame<kWhere>, ReadWhere},
  };
}

}  // namespace convscope::internal
