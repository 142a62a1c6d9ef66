#include "convscope/graph/unary_operation.h"

#include <cmath>
#include <numbers>

#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/element_types.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 13;  // elements: some microseconds of the cheapest function

bool GivesBool(UnaryKind kind) {
  return kind == UnaryKind::kIsNaN || kind == UnaryKind::kIsInf || kind == UnaryKind::kNot;
}

ElementClass Takes(UnaryKind kind) {
  const bool of_integers = kind == UnaryKind::kAbs || kind == UnaryKind::kNegative || kind == UnaryKind::kSign;
  return kind == UnaryKind::kNot ? ElementClass::kBool : of_integers ? ElementClass::kNumbers : ElementClass::kFloating;
}

// Of any type but bool.
struct AbsOf {
  template <typename T>
  T operator()(T x) const {
    if constexpr (std::is_floating_point_v<T>) return std::abs(x);
    return std::is_signed_v<T> && x < T{1} ? MinusOf{}(T{0}, x) : x;
  }
};

struct NegativeOf {
  template <typename T>
  T operator()(T x) const {
    if constexpr (std::is_floating_point_v<T>) return -x;
    return MinusOf{}(T{0}, x);
  }
};

struct SignOf {
  template <typename T>
  T operator()(T x) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(x)) return x;
    }
    return static_cast<T>((x > T{0} ? 1 : 0) - (std::is_signed_v<T> && x < T{0} ? 1 : 0));
  }
};

// Calls body(f) with the function that `kind` is of floating T, and gives the type of T.
template <typename T, typename Body>
auto WithFunction(UnaryKind kind, const Body& body) {
  switch (kind) {
    case UnaryKind::kNegative:
      return body(NegativeOf{});
    case UnaryKind::kLog:
      return body([](T x) { return std::log(x); });
    case UnaryKind::kSqrt:
      return body([](T x) { return std::sqrt(x); });
    case UnaryKind::kReciprocal:
      return body([](T x) { return 1 / x; });
    case UnaryKind::kErf:
      return body([](T x) { return std::erf(x); });
    case UnaryKind::kSign:
      return body(SignOf{});
    case UnaryKind::kFloor:
      return body([](T x) { return std::floor(x); });
    case UnaryKind::kCeil:
      return body([](T x) { return std::ceil(x); });
    case UnaryKind::kRound:
      return body([](T x) { return std::nearbyint(x); });  // in the rounding mode that programs begin with
    case UnaryKind::kSin:
      return body([](T x) { return std::sin(x); });
    case UnaryKind::kCos:
      return body([](T x) { return std::cos(x); });
    case UnaryKind::kTan:
      return body([](T x) { return std::tan(x); });
    case UnaryKind::kAsin:
      return body([](T x) { return std::asin(x); });
    case UnaryKind::kAcos:
      return body([](T x) { return std::acos(x); });
    case UnaryKind::kAtan:
      return body([](T x) { return std::atan(x); });
    case UnaryKind::kSinh:
      return body([](T x) { return std::sinh(x); });
    case UnaryKind::kCosh:
      return body([](T x) { return std::cosh(x); });
    case UnaryKind::kAsinh:
      return body([](T x) { return std::asinh(x); });
    case UnaryKind::kAcosh:
      return body([](T x) { return std::acosh(x); });
    case UnaryKind::kAtanh:
      return body([](T x) { return std::atanh(x); });
    default:
      return body(AbsOf{});
  }
}

// Its derivative.
template <typename T, typename Body>
auto WithSlope(UnaryKind kind, const Body& body) {
  switch (kind) {
    case UnaryKind::kLog:
      return body([](T x) { return 1 / x; });
    case UnaryKind::kSqrt:
      return body([](T x) { return T{0.5} / std::sqrt(x); });
    case UnaryKind::kReciprocal:
      return body([](T x) { return -1 / x / x; });
    case UnaryKind::kErf:
      return body([](T x) { return 2 * std::numbers::inv_sqrtpi_v<T> * std::exp(-x * x); });
    case UnaryKind::kSin:
      return body([](T x) { return std::cos(x); });
    case UnaryKind::kCos:
      return body([](T x) { return -std::sin(x); });
    case UnaryKind::kTan:
      return body([](T x) { return 1 + std::tan(x) * std::tan(x); });
    case UnaryKind::kAsin:
      return body([](T x) { return 1 / std::sqrt((1 - x) * (1 + x)); });
    case UnaryKind::kAcos:
      return body([](T x) { return -1 / std::sqrt((1 - x) * (1 + x)); });
    case UnaryKind::kAtan:
      return body([](T x) { return 1 / (1 + x * x); });
    case UnaryKind::kSinh:
      return body([](T x) { return std::cosh(x); });
    case UnaryKind::kCosh:
      return body([](T x) { return std::sinh(x); });
    case UnaryKind::kAsinh:
      return body([](T x) { return 1 / std::hypot(x, T{1}); });
    case UnaryKind::kAcosh:
      return body([](T x) { return 1 / (std::sqrt(x - 1) * std::sqrt(x + 1)); });
    case UnaryKind::kAtanh:
      return body([](T x) { return 1 / ((1 - x) * (1 + x)); });
    case UnaryKind::kNegative:
      return body([](T) { return T{-1}; });
    default:  // kAbs
      return body(SignOf{});
  }
}

const char* FormulaOf(UnaryKind kind) {
  static constexpr const char* kFormulas[] = {"|x|",
                                              "-x",
                                              "log(x)",
                                              "sqrt(x)",
                                              "1 / x",
                                              "erf(x)",
                                              "1 for x > 0, -1 for x < 0, else 0",
                                              "the largest whole number that is at most x",
                                              "the smallest whole number that is at least x",
                                              "the whole number nearest to x, the even one of two",
                                              "1 - x",
                                              "sin(x)",
                                              "cos(x)",
                                              "tan(x)",
                                              "asin(x)",
                                              "acos(x)",
                                              "atan(x)",
                                              "sinh(x)",
                                              "cosh(x)",
                                              "asinh(x)",
                                              "acosh(x)",
                                              "atanh(x)",
                                              "1 if x is NaN, else 0",
                                              "1 if x is infinite, else 0"};
  return kFormulas[static_cast<size_t>(kind)];
}

bool Predicate(UnaryKind kind, double x) {
  return kind == UnaryKind::kIsNaN ? std::isnan(x) : kind == UnaryKind::kIsInf ? std::isinf(x) : x == 0;
}

// Inputs x and the gradient of the output.
class UnaryGradientOperation : public Operation {
 public:
  explicit UnaryGradientOperation(UnaryKind kind) : kind_(kind) {}

  std::string_view type() const override { return "UnaryGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([kind = kind_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      ForFloatingType(type.dtype, [&](auto element) {
        using T = decltype(element);
        const T *x = static_cast<const T*>(from[0]), *dy = static_cast<const T*>(from[1]);
        T* dx = static_cast<T*>(to[0]);
        WithSlope<T>(kind, [&](const auto& slope) {
          ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) dx[i] = dy[i] * slope(x[i]);
          });
        });
      });
    });
  }

 private:
  UnaryKind kind_;
};

class UnaryOperation : public Operation {
 public:
  explicit UnaryOperation(UnaryKind kind) : kind_(kind) {}

  std::string_view type() const override {
    static constexpr std::string_view kTypes[] = {
        "Abs", "Neg", "Log",  "Sqrt", "Reciprocal", "Erf",  "Sign", "Floor", "Ceil",  "Round", "Not",   "Sin",
        "Cos", "Tan", "Asin", "Acos", "Atan",       "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "IsNaN", "IsInf"};
    return kTypes[static_cast<size_t>(kind_)];
  }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckElements(inputs, Takes(kind_));
    return {{inputs[0].shape, GivesBool(kind_) ? DType::kBool : inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([kind = kind_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      ForElementType(type.dtype, [&](auto element) {
        using T = decltype(element);
        const auto map = [&](auto* output, const auto& f) {
          const T* x = static_cast<const T*>(from[0]);
          ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) output[i] = f(x[i]);
          });
        };
        if (GivesBool(kind)) {
          map(static_cast<bool*>(to[0]), [&](T x) { return Predicate(kind, static_cast<double>(x)); });
        } else if constexpr (std::is_floating_point_v<T>) {
          WithFunction<T>(kind, [&](const auto& f) { map(static_cast<T*>(to[0]), f); });
        } else if constexpr (!std::is_same_v<T, bool>) {
          T* output = static_cast<T*>(to[0]);
          kind == UnaryKind::kAbs    ? map(output, AbsOf{})
          : kind == UnaryKind::kSign ? map(output, SignOf{})
                                     : map(output, NegativeOf{});
        }
      });
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType>) const override {
    return {{InputReads::Kind::kSameElements}};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = FormulaOf(kind_),
                      .terms = {TermOf(inputs, 0, element)},
                      .window = Shape{1},
                      .through = 0};
    const double x = result.terms[0].value;
    const DType dtype = inputs[0]->dtype();
    if (GivesBool(kind_)) {
      result.value = Predicate(kind_, x);
      return result;
    }
    result.value = WithFunction<double>(kind_, [&](const auto& f) { return f(x); });
    // The mathematical library is within two units in the last place, and what is rounded to a whole number is exact.
    const bool exact = !IsOf(dtype, ElementClass::kFloating) || kind_ == UnaryKind::kAbs ||
                       kind_ == UnaryKind::kNegative || (kind_ >= UnaryKind::kSign && kind_ <= UnaryKind::kRound);
    if (!exact) result.tolerance = 2 * 2 * (UnitRoundoff(dtype) + 0x1p-53) * std::abs(result.value) + 0x1p-126;
    return result;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (kind_ >= UnaryKind::kSign && kind_ <= UnaryKind::kRound) return {""};
    node.builder.Add(node.names[0], std::make_shared<UnaryGradientOperation>(kind_),
                     {node.inputs[0], node.output_gradients[0]});
    return {node.names[0]};
  }

  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t) const override {
    if (inputs[0].dtype != DType::kFloat32 || GivesBool(kind_)) return {};
    return WithFunction<float>(kind_, [](const auto& f) -> FusedEpilogue {
      return [f](float* values, int64_t, int64_t count, std::span<const void* const>) {
        for (int64_t i = 0; i < count; ++i) values[i] = f(values[i]);
      };
    });
  }

 private:
  UnaryKind kind_;
};

}  // namespace

UnaryOp::operator OperationPtr() const {
  return std::make_shared<UnaryOperation>(kind);
}

}  // namespace convscope
