#include "convscope/graph/binary_operation.h"

#include <cmath>
#include <limits>

#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/product_sum.h"
#include "convscope/graph/scale_operation.h"

namespace convscope {
namespace {

// The quotient of the least integer and -1 is the least one again: it wraps around.
template <typename T>
T Quotient(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a / b;
  } else {
    if (b == 0) return 0;
    return std::is_signed_v<T> && b == static_cast<T>(-1) ? MinusOf{}(T{0}, a) : static_cast<T>(a / b);
  }
}

template <typename T>
T Remainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    return b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1)) ? T{0} : static_cast<T>(a % b);
  }
}

template <typename T>
T Modulo(T a, T b) {
  const T rest = Remainder(a, b);
  if (rest == 0) {
    if constexpr (std::is_floating_point_v<T>) return std::copysign(T{0}, b);  // as Python and NumPy have it
    return 0;
  }
  return (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
}

template <typename T>
T Power(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(a, b);
  } else {
    if (b < 0) return a == 1 || (a == static_cast<T>(-1) && b % 2 == 0) ? T{1} : a == static_cast<T>(-1) ? a : T{0};
    T power = 1;
    for (T square = a; b > 0; b = static_cast<T>(b / 2), square = TimesOf{}(square, square)) {
      if (b % 2 != 0) power = TimesOf{}(power, square);
    }
    return power;
  }
}

template <typename T>
bool IsNaN(T a) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(a);
  return false;
}

template <typename T>
T Minimum(T a, T b) {
  return a < b || IsNaN(a) ? a : b;
}

template <typename T>
T Maximum(T a, T b) {
  return a > b || IsNaN(a) ? a : b;
}

bool IsLogic(BinaryKind kind) {
  return kind >= BinaryKind::kAnd;
}
bool GivesBool(BinaryKind kind) {
  return kind >= BinaryKind::kEqual;
}

ElementClass Takes(BinaryKind kind) {
  return kind == BinaryKind::kEqual ? ElementClass::kAny : IsLogic(kind) ? ElementClass::kBool : ElementClass::kNumbers;
}

// Calls body(f) with the function of two values of type T that `kind` is.
template <typename T, typename Body>
auto WithFunction(BinaryKind kind, const Body& body) {
  switch (kind) {
    case BinaryKind::kDivide:
      return body([](T a, T b) { return Quotient(a, b); });
    case BinaryKind::kPower:
      return body([](T a, T b) { return Power(a, b); });
    case BinaryKind::kMinimum:
      return body([](T a, T b) { return Minimum(a, b); });
    case BinaryKind::kMaximum:
      return body([](T a, T b) { return Maximum(a, b); });
    case BinaryKind::kModulo:
      return body([](T a, T b) { return Modulo(a, b); });
    case BinaryKind::kRemainder:
      return body([](T a, T b) { return Remainder(a, b); });
    default:
      return body([](T a, T b) { return MinusOf{}(a, b); });
  }
}

// The same of those that give bool; T may be bool.
template <typename T, typename Body>
auto WithPredicate(BinaryKind kind, const Body& body) {
  switch (kind) {
    case BinaryKind::kLess:
      return body([](T a, T b) { return a < b; });
    case BinaryKind::kLessOrEqual:
      return body([](T a, T b) { return a <= b; });
    case BinaryKind::kGreater:
      return body([](T a, T b) { return a > b; });
    case BinaryKind::kGreaterOrEqual:
      return body([](T a, T b) { return a >= b; });
    case BinaryKind::kAnd:
      return body([](T a, T b) { return a != T{} && b != T{}; });
    case BinaryKind::kOr:
      return body([](T a, T b) { return a != T{} || b != T{}; });
    case BinaryKind::kXor:
      return body([](T a, T b) { return (a != T{}) != (b != T{}); });
    default:
      return body([](T a, T b) { return a == b; });
  }
}

const char* FormulaOf(BinaryKind kind) {
  static constexpr const char* kFormulas[] = {"a - b",
                                              "a / b",
                                              "a^b",
                                              "the smaller of a and b",
                                              "the larger of a and b",
                                              "a - b floor(a / b)",
                                              "a - b trunc(a / b)",
                                              "1 if a = b, else 0",
                                              "1 if a < b, else 0",
                                              "1 if a <= b, else 0",
                                              "1 if a > b, else 0",
                                              "1 if a >= b, else 0",
                                              "1 if a and b, else 0",
                                              "1 if a or b, else 0",
                                              "1 if one of a and b alone, else 0"};
  return kFormulas[static_cast<size_t>(kind)];
}

// Inputs a, b, float32 or float64; output, of their common shape: by how much the result grows with input `side`.
class BinarySlopeOperation : public Operation {
 public:
  BinarySlopeOperation(BinaryKind kind, int side) : kind_(kind), side_(side) {}

  std::string_view type() const override { return "BinaryGradient"; }
  std::vector<Attribute> attributes() const override { return {{"side", int64_t{side_}}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    return {{BroadcastShape(inputs), inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[0].dtype, kind = kind_, side = side_](
                            std::span<const void* const> from, std::span<void* const> to) {
      ForFloatingType(dtype, [&](auto type) {
        using T = decltype(type);
        const auto map = [&](const auto& f) {
          MapBroadcast(broadcast, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                       static_cast<T*>(to[0]), f);
        };
        switch (kind) {
          case BinaryKind::kDivide:
            return side == 0 ? map([](T, T b) { return 1 / b; }) : map([](T a, T b) { return -(a / b) / b; });
          case BinaryKind::kPower:
            return side == 0 ? map([](T a, T b) { return b == 0 ? T{0} : b * std::pow(a, b - 1); })
                             : map([](T a, T b) { return a == 0 && b >= 0 ? T{0} : std::pow(a, b) * std::log(a); });
          case BinaryKind::kMinimum:
            return side == 0 ? map([](T a, T b) { return T(a <= b); }) : map([](T a, T b) { return T(b < a); });
          case BinaryKind::kMaximum:
            return side == 0 ? map([](T a, T b) { return T(a >= b); }) : map([](T a, T b) { return T(b > a); });
          case BinaryKind::kModulo:
            return map([](T a, T b) { return -std::floor(a / b); });
          default:  // kRemainder
            return map([](T a, T b) { return -std::trunc(a / b); });
        }
      });
    });
  }

 private:
  BinaryKind kind_;
  int side_;
};

class BinaryOperation : public Operation {
 public:
  explicit BinaryOperation(BinaryKind kind) : kind_(kind) {}

  std::string_view type() const override {
    static constexpr std::string_view kTypes[] = {"Sub", "Div",   "Pow",  "Min",         "Max",     "Mod",
                                                  "Mod", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual",
                                                  "And", "Or",    "Xor"};
    return kTypes[static_cast<size_t>(kind_)];
  }
  std::vector<Attribute> attributes() const override {
    if (kind_ != BinaryKind::kModulo && kind_ != BinaryKind::kRemainder) return {};
    return {{"fmod", kind_ == BinaryKind::kRemainder}};
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckElements(inputs, Takes(kind_));
    return {{BroadcastShape(inputs), GivesBool(kind_) ? DType::kBool : inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[0].dtype, kind = kind_](
                            std::span<const void* const> from, std::span<void* const> to) {
      if (GivesBool(kind)) {
        ForElementType(dtype, [&](auto type) {
          using T = decltype(type);
          WithPredicate<T>(kind, [&](const auto& f) {
            MapBroadcast(broadcast, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                         static_cast<bool*>(to[0]), f);
          });
        });
      } else {
        ForNumberType(dtype, [&](auto type) {
          using T = decltype(type);
          WithFunction<T>(kind, [&](const auto& f) {
            MapBroadcast(broadcast, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                         static_cast<T*>(to[0]), f);
          });
        });
      }
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override { return BroadcastReadsOf(inputs); }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const std::vector<Shape> shapes = ShapesOf(inputs);
    Arithmetic result{.formula = FormulaOf(kind_), .window = Shape{2}};
    for (const int k : {0, 1}) {
      const double weight = k == 1 && kind_ == BinaryKind::kSubtract ? -1 : 1;
      result.terms.push_back(TermOf(inputs, k, BroadcastElement(shapes, static_cast<size_t>(k), element), weight));
    }
    const DType dtype = inputs[0]->dtype();
    const double a = result.terms[0].value, b = result.terms[1].value;
    if (kind_ == BinaryKind::kSubtract) return Finished(std::move(result), dtype);
    if (kind_ == BinaryKind::kMaximum) {
      result.rule = Arithmetic::Rule::kMaximum;
      return Finished(std::move(result), dtype);
    }
    result.rule = Arithmetic::Rule::kFunction;
    if (IsOf(dtype, ElementClass::kFloating) && !GivesBool(kind_)) {
      result.value = WithFunction<double>(kind_, [&](const auto& f) { return f(a, b); });
      const bool exact = kind_ == BinaryKind::kMinimum || kind_ == BinaryKind::kRemainder;
      // A quotient has one rounding, a modulo that of its sum; powers are within one unit in the last place.
      const double size = kind_ == BinaryKind::kModulo ? std::abs(b) : std::abs(result.value);
      if (!exact) result.tolerance = 4 * (UnitRoundoff(dtype) + 0x1p-53) * size + 0x1p-126;
      return result;
    }
    const auto both = [&](auto type, const auto& f) {  // a double does not hold every int64
      using T = decltype(type);
      return static_cast<double>(
          f(inputs[0]->data<T>()[result.terms[0].element], inputs[1]->data<T>()[result.terms[1].element]));
    };
    result.value = ForElementType(dtype, [&](auto type) {
      using T = decltype(type);
      if (GivesBool(kind_)) return WithPredicate<T>(kind_, [&](const auto& f) { return both(type, f); });
      if constexpr (std::is_same_v<T, bool>)
        return 0.0;
      else
        return WithFunction<T>(kind_, [&](const auto& f) { return both(type, f); });
    });
    return result;
  }

  // The other operand as large as what is written, or the same for all of it; in either order.
  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const override {
    const Shape &whole = inputs[written].shape, &other = inputs[1 - written].shape;
    const bool one = other.NumElements() == 1 && other.rank() <= whole.rank();
    if (inputs[0].dtype != DType::kFloat32 || GivesBool(kind_) || (other != whole && !one)) return {};
    return WithFunction<float>(kind_, [&](const auto& f) -> FusedEpilogue {
      const int64_t step = one ? 0 : 1;
      return [f, written, step](float* values, int64_t first, int64_t count, std::span<const void* const> operands) {
        const float* operand = static_cast<const float*>(operands[0]) + first * step;
        if (written == 0) {
          for (int64_t i = 0; i < count; ++i) values[i] = f(values[i], operand[i * step]);
        } else {
          for (int64_t i = 0; i < count; ++i) values[i] = f(operand[i * step], values[i]);
        }
      };
    });
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(2);
    const std::string& dy = node.output_gradients[0];
    for (const int side : {0, 1}) {
      const std::string& name = node.names[static_cast<size_t>(side)];
      if (name.empty()) continue;
      std::vector<std::string> factors = {dy};
      const bool passes = side == 0 && (kind_ == BinaryKind::kSubtract || kind_ == BinaryKind::kModulo ||
                                        kind_ == BinaryKind::kRemainder);
      if (kind_ == BinaryKind::kSubtract && side == 1) {
        factors = {name + "/negative"};
        node.builder.Add(factors[0], ScaleOp{.scale = -1}, {dy});
      } else if (!passes) {
        factors.push_back(name + "/slope");
        node.builder.Add(factors[1], std::make_shared<BinarySlopeOperation>(kind_, side), node.inputs);
      }
      gradients[static_cast<size_t>(side)] = AddRepeatedGradient(node, static_cast<size_t>(side), factors);
    }
    return gradients;
  }

 private:
  BinaryKind kind_;
};

}  // namespace

BinaryOp::operator OperationPtr() const {
  return std::make_shared<BinaryOperation>(kind);
}

}  // namespace convscope
