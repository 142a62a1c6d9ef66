// What .onnx files compute element by element, and products of matrices.
#include <algorithm>
#include <limits>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/formats/internal/onnx_tensor.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/matmul_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/unary_operation.h"
#include "convscope/graph/where_operation.h"

namespace convscope::internal {
namespace {

template <UnaryKind kind>
void ReadUnary(const ImportNode& node) {
  const FileAxes axes = node.AxesOf(0);
  node.Add(UnaryOp{kind}, {node.Stored(0, axes)}, axes);
}

// Both infinities, or one of them.
void ReadIsInf(const ImportNode& node) {
  const bool below = node.Integer("detect_negative", 1) != 0, above = node.Integer("detect_positive", 1) != 0;
  if (below == above) {
    if (below) return ReadUnary<UnaryKind::kIsInf>(node);
    node.Fail("an infinity of some sign is looked for", "neither");
  }
  const FileAxes axes = node.AxesOf(0);
  const double infinity = std::numeric_limits<double>::infinity();
  node.Add(BinaryOp{BinaryKind::kEqual},
           {node.Stored(0, axes), node.AddNumber("infinity", above ? infinity : -infinity)}, axes);
}

// The axes of the result of operands that are broadcast.
FileAxes BroadcastAxes(const ImportNode& node) {
  int rank = 0;
  for (size_t i = 0; i < node.input_count(); ++i) rank = std::max(rank, node.InputShape(i).rank());
  return node.Following(rank);
}

// Two inputs under one shape. Before opset 7 the second one's place was told.
std::vector<std::string> Operands(const ImportNode& node, const FileAxes& axes) {
  const bool told = node.opset() < 7 && node.Has("axis") && node.Integer("broadcast", 0) != 0;
  const int64_t first = told ? node.Axis(node.Integer("axis", 0)) : -1;
  return {node.Broadcasting(0, axes), node.Broadcasting(1, axes, first)};
}

void ReadTwo(const ImportNode& node, const OperationPtr& operation) {
  const FileAxes axes = BroadcastAxes(node);
  node.Add(operation, Operands(node, axes), axes);
}

template <BinaryKind kind>
void ReadBinary(const ImportNode& node) {
  ReadTwo(node, BinaryOp{kind});
}

void ReadMultiply(const ImportNode& node) {
  ReadTwo(node, MultiplyOp{});
}

void ReadMod(const ImportNode& node) {
  ReadTwo(node, BinaryOp{node.Integer("fmod", 0) != 0 ? BinaryKind::kRemainder : BinaryKind::kModulo});
}

bool IsFloat(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

// The exponent may be of another type; the result is of the base's. Of floats it is computed in the base's type, of
// others in one that has both: 2 to the power of 0.5 is not 2 to the power of 0.
void ReadPower(const ImportNode& node) {
  const FileAxes axes = BroadcastAxes(node);
  std::vector<std::string> operands = Operands(node, axes);
  const DType base = node.InputType(0), exponent = node.InputType(1);
  if (base == exponent) return node.Add(BinaryOp{BinaryKind::kPower}, operands, axes);
  const DType wide = IsFloat(base) ? base : IsFloat(exponent) ? DType::kFloat64 : DType::kInt64;
  if (base != wide) operands[0] = node.AddStep("base", CastOp{wide}, {operands[0]});
  if (exponent != wide) operands[1] = node.AddStep("exponent", CastOp{wide}, {operands[1]});
  if (base == wide) return node.Add(BinaryOp{BinaryKind::kPower}, operands, axes);
  node.Add(CastOp{base}, {node.AddStep("power", BinaryOp{BinaryKind::kPower}, operands)}, axes);
}

void AddSame(const ImportNode& node) {
  node.AddSame(0, node.Stored(0, node.AxesOf(0)), node.AxesOf(0));
}

void ReadAdd(const ImportNode& node) {
  if (node.type() == "Add") return ReadTwo(node, AddOp{});
  if (node.input_count() == 1) return AddSame(node);
  const FileAxes axes = BroadcastAxes(node);
  std::vector<std::string> terms;
  for (size_t i = 0; i < node.input_count(); ++i) terms.push_back(node.Broadcasting(i, axes));
  if (node.type() == "Sum") return node.Add(AddOp{}, terms, axes);
  const std::string sum = node.AddStep("sum", AddOp{}, terms);
  node.Add(ScaleOp{.scale = 1 / static_cast<double>(terms.size())}, {sum}, axes);
}

// The largest or the smallest of any number of inputs.
template <BinaryKind kind>
void ReadExtreme(const ImportNode& node) {
  if (node.input_count() == 1) return AddSame(node);
  const FileAxes axes = BroadcastAxes(node);
  std::string so_far = node.Broadcasting(0, axes);
  for (size_t i = 1; i + 1 < node.input_count(); ++i) {
    so_far = node.AddStep(Concat("of_", i + 1), BinaryOp{kind}, {so_far, node.Broadcasting(i, axes)});
  }
  node.Add(BinaryOp{kind}, {so_far, node.Broadcasting(node.input_count() - 1, axes)}, axes);
}

void ReadWhere(const ImportNode& node) {
  const FileAxes axes = BroadcastAxes(node);
  node.Add(WhereOp{}, {node.Broadcasting(0, axes), node.Broadcasting(1, axes), node.Broadcasting(2, axes)}, axes);
}

void AddCast(const ImportNode& node, DType to) {
  const FileAxes axes = node.AxesOf(0);
  node.Add(CastOp{to}, {node.Stored(0, axes)}, axes);
}

// Until opset 6 the type's name in ONNX.
int NamedType(const ImportNode& node) {
  using onnx_schema::TensorProto;
  constexpr std::pair<std::string_view, int> kNames[] = {
      {"FLOAT", TensorProto::FLOAT},   {"DOUBLE", TensorProto::DOUBLE}, {"FLOAT16", TensorProto::FLOAT16},
      {"UINT8", TensorProto::UINT8},   {"INT8", TensorProto::INT8},     {"UINT16", TensorProto::UINT16},
      {"INT16", TensorProto::INT16},   {"INT32", TensorProto::INT32},   {"INT64", TensorProto::INT64},
      {"UINT32", TensorProto::UINT32}, {"UINT64", TensorProto::UINT64}, {"BOOL", TensorProto::BOOL}};
  const std::string word = node.Word("to", "");
  for (const auto& [name, type] : kNames) {
    if (name == word) return type;
  }
  node.Fail("Cast makes a float, an integer or a bool, called by ONNX' name of the type", '"' + word + '"');
}

void ReadCast(const ImportNode& node) {
  node.Require("to");
  const bool named = node.opset() < 6;
  AddCast(node, ImportedDType(named ? NamedType(node) : static_cast<int>(node.Integer("to")), "what Cast makes"));
}

void ReadCastLike(const ImportNode& node) {
  AddCast(node, node.InputType(1));
}

bool IsRow(const Shape& shape) {
  return shape.rank() == 1 || (shape.rank() == 2 && shape[0] == 1);
}

// alpha * A' B' + beta * C: a dense layer where B is a matrix of weights and C a bias.
void ReadGemm(const ImportNode& node) {
  const bool turn_a = node.Integer("transA", 0) != 0, turn_b = node.Integer("transB", 0) != 0;
  const double alpha = node.Number("alpha", 1), beta = node.Number("beta", 1);
  const bool has_c = node.HasInput(2) && beta != 0;
  const FileAxes same = SameAxes(2), turned = {1, 0};
  std::string a = node.AsInFile(0);
  if (node.rank() > 2 && node.opset() < 7) a = node.AddStep("rows", ReshapeOp{{0, -1}}, {a});
  if (turn_a) a = node.Stored(0, turned);
  const std::string b = node.Stored(1, turn_b ? turned : same);
  const int64_t filters = node.InputShape(1)[turn_b ? 0 : 1];
  const bool bias =
      has_c && alpha == 1 && beta == 1 && IsRow(node.InputShape(2)) && node.InputShape(2).NumElements() == filters;
  if (bias) {
    std::string c = node.AsInFile(2);
    if (node.InputShape(2).rank() == 2) c = node.AddStep("bias", ReshapeOp{{-1}}, {c});
    return node.Add(DenseOp{}, {a, b, c}, same);
  }
  if (!has_c && alpha == 1) return node.Add(DenseOp{}, {a, b}, same);
  std::string product = node.AddStep("product", DenseOp{}, {a, b});
  if (!has_c) return node.Add(ScaleOp{.scale = alpha}, {product}, same);
  if (alpha != 1) product = node.AddStep("scaled", ScaleOp{.scale = alpha}, {product});
  std::string c = node.AsInFile(2);
  if (beta != 1) c = node.AddStep("scaled_c", ScaleOp{.scale = beta}, {c});
  node.Add(AddOp{}, {product, c}, same);
}

void ReadMatMul(const ImportNode& node) {
  const int rank = node.rank(), other = node.InputShape(1).rank();
  if (rank == 0 || other == 0) node.Fail("a product of matrices has no scalars", node.InputShape(0).ToString());
  if (rank >= 2 && other == 2) return node.Add(DenseOp{}, {node.AsInFile(0), node.AsInFile(1)}, SameAxes(rank));
  const int result = rank == 1 && other == 1 ? 0
                     : rank == 1             ? other - 1
                     : other == 1            ? rank - 1
                                             : std::max(rank, other);
  node.Add(MatMulOp{}, {node.AsInFile(0), node.AsInFile(1)}, SameAxes(result));
}

}  // namespace

std::vector<OnnxReader> OnnxArithmeticReaders() {
  using Two = BinaryKind;
  using One = UnaryKind;
  constexpr ImportAxes kAny = ImportAxes::kFollowing, kFile = ImportAxes::kFile;
  return {
      {"Abs", kAny, ReadUnary<One::kAbs>},
      {"Acos", kAny, ReadUnary<One::kAcos>},
      {"Acosh", kAny, ReadUnary<One::kAcosh>},
      {"Add", kAny, ReadAdd},
      {"And", kAny, ReadBinary<Two::kAnd>},
      {"Asin", kAny, ReadUnary<One::kAsin>},
      {"Asinh", kAny, ReadUnary<One::kAsinh>},
      {"Atan", kAny, ReadUnary<One::kAtan>},
      {"Atanh", kAny, ReadUnary<One::kAtanh>},
      {"Cast", kAny, ReadCast},
      {"CastLike", kAny, ReadCastLike},
      {"Ceil", kAny, ReadUnary<One::kCeil>},
      {"Cos", kAny, ReadUnary<One::kCos>},
      {"Cosh", kAny, ReadUnary<One::kCosh>},
      {"Div", kAny, ReadBinary<Two::kDivide>},
      {"Equal", kAny, ReadBinary<Two::kEqual>},
      {"Erf", kAny, ReadUnary<One::kErf>},
      {"Floor", kAny, ReadUnary<One::kFloor>},
      {"Gemm", kFile, ReadGemm},
      {"Greater", kAny, ReadBinary<Two::kGreater>},
      {"GreaterOrEqual", kAny, ReadBinary<Two::kGreaterOrEqual>},
      {"IsInf", kAny, ReadIsInf},
      {"IsNaN", kAny, ReadUnary<One::kIsNaN>},
      {"Less", kAny, ReadBinary<Two::kLess>},
      {"LessOrEqual", kAny, ReadBinary<Two::kLessOrEqual>},
      {"Log", kAny, ReadUnary<One::kLog>},
      {"MatMul", kFile, ReadMatMul},
      {"Max", kAny, ReadExtreme<Two::kMaximum>},
      {"Mean", kAny, ReadAdd},
      {"Min", kAny, ReadExtreme<Two::kMinimum>},
      {"Mod", kAny, ReadMod},
      {"Mul", kAny, ReadMultiply},
      {"Neg", kAny, ReadUnary<One::kNegative>},
      {"Not", kAny, ReadUnary<One::kNot>},
      {"Or", kAny, ReadBinary<Two::kOr>},
      {"Pow", kAny, ReadPower},
      {"Reciprocal", kAny, ReadUnary<One::kReciprocal>},
      {"Round", kAny, ReadUnary<One::kRound>},
      {"Sign", kAny, ReadUnary<One::kSign>},
      {"Sin", kAny, ReadUnary<One::kSin>},
      {"Sinh", kAny, ReadUnary<One::kSinh>},
      {"Sqrt", kAny, ReadUnary<One::kSqrt>},
      {"Sub", kAny, ReadBinary<Two::kSubtract>},
      {"Sum", kAny, ReadAdd},
      {"Tan", kAny, ReadUnary<One::kTan>},
      {"Where", kAny, ReadWhere},
      {"Xor", kAny, ReadBinary<Two::kXor>},
  };
}

}  // namespace convscope::internal
