#include "convscope/graph/reduce_operation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/reduced_shape.h"
#include "convscope/kernels/partial_sums.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

// Integers are summed as they are and wrap around, floating numbers in double.
template <typename T>
using SumType = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;

// A kind of reduction of values of type T: how it begins, goes on with a value, and ends after `count` of them.
template <typename T>
struct SumState {
  static constexpr bool kAnyOrder = false;
  using Sum = SumType<T>;
  ReduceKind kind;
  Sum begin() const { return 0; }
  Sum term(T x) const {
    const Sum value = static_cast<Sum>(x);
    if (kind == ReduceKind::kL1) return value < 0 ? MinusOf{}(Sum{0}, value) : value;
    return kind == ReduceKind::kL2 || kind == ReduceKind::kSumSquare ? TimesOf{}(value, value) : value;
  }
  void add(Sum& sum, T x) const { sum = PlusOf{}(sum, term(x)); }
  T end(Sum sum, int64_t count) const {
    switch (kind) {
      case ReduceKind::kMean:
        if constexpr (std::is_floating_point_v<T>) return static_cast<T>(sum / static_cast<double>(count));
        return count == 0 ? T{0} : static_cast<T>(sum / static_cast<Sum>(count));
      case ReduceKind::kL2:
        return static_cast<T>(std::sqrt(static_cast<double>(sum)));
      case ReduceKind::kLogSum:
        return static_cast<T>(std::log(static_cast<double>(sum)));
      default:
        return static_cast<T>(sum);
    }
  }
};

template <typename T>
struct ProductState {
  static constexpr bool kAnyOrder = false;
  SumType<T> begin() const { return 1; }
  void add(SumType<T>& product, T x) const { product = TimesOf{}(product, static_cast<SumType<T>>(x)); }
  T end(SumType<T> product, int64_t) const { return static_cast<T>(product); }
};

// A NaN stays: nothing is larger or smaller than it.
template <typename T, bool kLargest>
struct ExtremeState {
  static constexpr bool kAnyOrder = true;  // and a result is a value like any other
  using Limits = std::numeric_limits<T>;
  T begin() const {
    if constexpr (std::is_floating_point_v<T>) return kLargest ? -Limits::infinity() : Limits::infinity();
    return kLargest ? Limits::lowest() : Limits::max();
  }
  void add(T& most, T x) const {
    const T better = (kLargest ? most > x : most < x) ? most : x;  // in this form the compiler makes vectors of it
    if constexpr (std::is_floating_point_v<T>) {
      most = most == most ? better : most;
    } else {
      most = better;
    }
  }
  T end(T most, int64_t) const { return most; }
};

// The largest value so far, and the sum of e^(x - largest).
template <typename T>
struct LogSumExpState {
  static constexpr bool kAnyOrder = false;
  struct Parts {
    double most, sum;
  };
  Parts begin() const { return {-std::numeric_limits<double>::infinity(), 0}; }
  void add(Parts& parts, T x) const {
    const auto value = static_cast<double>(x);
    if (value == parts.most) {  // infinities too, whose difference is none
      parts.sum += 1;
    } else if (value > parts.most) {
      parts.sum = parts.sum * std::exp(parts.most - value) + 1;
      parts.most = value;
    } else {
      parts.sum += std::exp(value - parts.most);
    }
  }
  T end(const Parts& parts, int64_t) const { return static_cast<T>(parts.most + std::log(parts.sum)); }
};

// Calls body with the state that `kind` is.
template <typename T, typename Body>
auto WithState(ReduceKind kind, const Body& body) {
  switch (kind) {
    case ReduceKind::kMax:
      return body(ExtremeState<T, true>{});
    case ReduceKind::kMin:
      return body(ExtremeState<T, false>{});
    case ReduceKind::kProduct:
      return body(ProductState<T>{});
    case ReduceKind::kLogSumExp:
      return body(LogSumExpState<T>{});
    default:
      return body(SumState<T>{kind});
  }
}

template <typename State, typename T>
void Reduce(const ReductionPlan& plan, const State& state, const T* x, T* y) {
  using Total = decltype(state.begin());
  const int64_t work = std::max<int64_t>(plan.count(), 1);
  if (plan.inner == 1) {  // each result alone, along runs in memory
    ParallelRanges(plan.rows, kGrain / work + 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        Total total = state.begin();
        for (const int64_t spot : plan.spot_offsets) {
          const T* from = x + plan.row_offsets[row] + spot;
          if constexpr (std::is_same_v<State, SumState<T>> && std::is_floating_point_v<T>) {
            total += PartialSums(plan.run, [&](int64_t i) { return state.term(from[i]); });
          } else if constexpr (State::kAnyOrder) {
            constexpr int kLanes = 16;  // each takes every sixteenth value, so that none waits for the one before it
            T lanes[kLanes];
            std::fill_n(lanes, kLanes, total);
            int64_t i = 0;
            for (; i + kLanes <= plan.run; i += kLanes) {
              for (int lane = 0; lane < kLanes; ++lane) state.add(lanes[lane], from[i + lane]);
            }
            for (; i < plan.run; ++i) state.add(total, from[i]);
            for (const T lane : lanes) state.add(total, lane);
          } else {
            for (int64_t i = 0; i < plan.run; ++i) state.add(total, from[i]);
          }
        }
        y[row] = state.end(total, plan.count());
      }
    });
    return;
  }
  // Runs of results side by side, cut into pieces by the shape alone.
  constexpr int64_t kPiece = 256;
  const int64_t pieces = (plan.inner + kPiece - 1) / kPiece;
  ParallelRanges(plan.rows * pieces, kGrain / (work * kPiece) + 1, [&](int64_t begin, int64_t end) {
    Total totals[kPiece];
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task / pieces, first = task % pieces * kPiece;
      const int64_t width = std::min(kPiece, plan.inner - first);
      std::fill_n(totals, width, state.begin());
      for (const int64_t spot : plan.spot_offsets) {
        const T* from = x + plan.row_offsets[row] + spot + first;
        for (int64_t i = 0; i < width; ++i) state.add(totals[i], from[i]);
      }
      for (int64_t i = 0; i < width; ++i) y[row * plan.inner + first + i] = state.end(totals[i], plan.count());
    }
  });
}

const char* FormulaOf(ReduceKind kind) {
  static constexpr const char* kFormulas[] = {"sum",
                                              "mean",
                                              "the largest",
                                              "the smallest",
                                              "product",
                                              "sum of |x|",
                                              "sqrt(sum of x^2)",
                                              "log(sum)",
                                              "log(sum of e^x)",
                                              "sum of x^2"};
  return kFormulas[static_cast<size_t>(kind)];
}

// Inputs x, the result y and its gradient, both with the reduced axes or without them; output the gradient of x.
class ReduceGradientOperation : public Operation {
 public:
  explicit ReduceGradientOperation(ReduceOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "ReduceGradient"; }
  std::vector<Attribute> attributes() const override { return {{"axes", op_.axes}, {"keep_axes", op_.keep_axes}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    CheckFloating(inputs);
    return {inputs[0]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const std::vector<bool> reduced = ReducedAxes(op_.axes, inputs[0].shape);
    const Shape kept = ReducedShape(inputs[0].shape, reduced, true);
    const std::vector<Shape> shapes = {inputs[0].shape, kept};
    return PreparedFrom([broadcast = Broadcast(shapes), results = kept.NumElements(), dtype = inputs[0].dtype,
                         kind = op_.kind](std::span<const void* const> from, std::span<void* const> to) {
      ForFloatingType(dtype, [&](auto type) {
        using T = decltype(type);
        Back(broadcast, results, kind, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
             static_cast<const T*>(from[2]), static_cast<T*>(to[0]));
      });
    });
  }

 private:
  template <typename T>
  static void Back(const Broadcast& broadcast, int64_t results, ReduceKind kind, const T* x, const T* y, const T* dy,
                   T* dx) {
    // What all values of a result share: how many they are; for an extreme, how many are it; for a product, the number
    // of zeroes and the product of the others.
    std::vector<double> counts(static_cast<size_t>(results)), products;
    const bool extreme = kind == ReduceKind::kMax || kind == ReduceKind::kMin, product = kind == ReduceKind::kProduct;
    if (product) products.assign(static_cast<size_t>(results), 1);
    const int64_t step = broadcast.step(1);
    if (extreme || product) {
      broadcast.ForRuns(0, broadcast.size(), [&](int64_t first, const int64_t* offsets, int64_t count) {
        for (int64_t i = 0; i < count; ++i) {
          const int64_t result = offsets[1] + i * step;
          const T value = x[first + i];
          if (extreme) counts[result] += value == y[result];
          if (!product) continue;
          if (value == 0) {
            counts[result] += 1;
          } else {
            products[result] *= static_cast<double>(value);
          }
        }
      });
    }
    const double share = results == 0 ? 0 : static_cast<double>(results) / static_cast<double>(broadcast.size());
    const auto slope = [&](T value, int64_t result) -> double {
      const auto v = static_cast<double>(value), r = static_cast<double>(y[result]);
      switch (kind) {
        case ReduceKind::kMean:
          return share;
        case ReduceKind::kMax:
        case ReduceKind::kMin:
          return value == y[result] ? 1 / counts[result] : 0;
        case ReduceKind::kProduct:  // the product of all others
          if (value == 0) return counts[result] == 1 ? products[result] : 0;
          return counts[result] == 0 ? products[result] / v : 0;
        case ReduceKind::kL1:
          return v > 0 ? 1 : v < 0 ? -1 : v;
        case ReduceKind::kL2:
          return r == 0 ? 0 : v / r;
        case ReduceKind::kLogSum:
          return std::exp(-r);
        case ReduceKind::kLogSumExp:
          return std::exp(v - r);
        case ReduceKind::kSumSquare:
          return 2 * v;
        default:
          return 1;
      }
    };
    ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
      broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
        for (int64_t i = 0; i < count; ++i) {
          const int64_t result = offsets[1] + i * step;
          dx[first + i] = static_cast<T>(static_cast<double>(dy[result]) * slope(x[first + i], result));
        }
      });
    });
  }

  ReduceOp op_;
};

class ReduceOperation : public Operation {
 public:
  explicit ReduceOperation(ReduceOp op) : op_(std::move(op)) {}

  std::string_view type() const override {
    static constexpr std::string_view kTypes[] = {"ReduceSum",       "ReduceMean",     "ReduceMax", "ReduceMin",
                                                  "ReduceProd",      "ReduceL1",       "ReduceL2",  "ReduceLogSum",
                                                  "ReduceLogSumExp", "ReduceSumSquare"};
    return kTypes[static_cast<size_t>(op_.kind)];
  }
  std::vector<Attribute> attributes() const override { return {{"axes", op_.axes}, {"keep_axes", op_.keep_axes}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const bool logarithm = op_.kind == ReduceKind::kLogSum || op_.kind == ReduceKind::kLogSumExp;
    CheckElements(inputs, logarithm ? ElementClass::kFloating : ElementClass::kNumbers);
    const Shape& x = inputs[0].shape;
    return {{ReducedShape(x, ReducedAxes(op_.axes, x), op_.keep_axes), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const ReductionPlan plan(inputs[0].shape, ReducedAxes(op_.axes, inputs[0].shape));
    return PreparedFrom(
        [plan, kind = op_.kind, dtype = inputs[0].dtype](std::span<const void* const> from, std::span<void* const> to) {
          ForNumberType(dtype, [&](auto type) {
            using T = decltype(type);
            WithState<T>(kind, [&](const auto& state) {
              Reduce(plan, state, static_cast<const T*>(from[0]), static_cast<T*>(to[0]));
            });
          });
        });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& x = inputs[0].shape;
    return {ReducedReads(x, ReducedAxes(op_.axes, x), op_.keep_axes)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape& x = inputs[0]->shape();
    const std::vector<int64_t> read = ElementsReduced(x, ReducedAxes(op_.axes, x), element);
    const auto count = static_cast<double>(read.size());
    Arithmetic result{.formula = FormulaOf(op_.kind), .window = Shape{static_cast<int64_t>(read.size())}};
    for (const int64_t from : read) {
      result.terms.push_back(TermOf(inputs, 0, from, op_.kind == ReduceKind::kMean ? 1 / count : 1));
    }
    const DType dtype = inputs[0]->dtype();
    const bool floating = IsOf(dtype, ElementClass::kFloating);
    if (floating && !read.empty()) {
      if (op_.kind == ReduceKind::kSum || op_.kind == ReduceKind::kMean) return Finished(std::move(result), dtype);
      if (op_.kind == ReduceKind::kMax) result.rule = Arithmetic::Rule::kMaximum;
      if (op_.kind == ReduceKind::kProduct) result.rule = Arithmetic::Rule::kProduct;
      if (result.rule != Arithmetic::Rule::kSum) return Finished(std::move(result), dtype);
    }
    result.rule = Arithmetic::Rule::kFunction;
    ForNumberType(dtype, [&](auto type) {
      using T = decltype(type);
      using Wide = std::conditional_t<std::is_floating_point_v<T>, double, T>;
      result.value = WithState<Wide>(op_.kind, [&](const auto& state) {
        auto total = state.begin();
        for (const int64_t from : read) state.add(total, static_cast<Wide>(inputs[0]->data<T>()[from]));
        return static_cast<double>(state.end(total, static_cast<int64_t>(read.size())));
      });
    });
    // Terms are positive but for kLogSum, whose sum may have lost digits to theirs; a logarithm turns what is relative
    // into as much of 1. Each term has a rounding of double, the result one of its type.
    if (floating && op_.kind != ReduceKind::kMin) {
      double loss = 1;
      if (op_.kind == ReduceKind::kLogSum) {
        double sum = 0, size = 0;
        for (const ArithmeticTerm& term : result.terms) {
          sum += term.value;
          size += std::abs(term.value);
        }
        if (sum != 0) loss = size / std::abs(sum);
      }
      const bool logarithm = op_.kind == ReduceKind::kLogSum || op_.kind == ReduceKind::kLogSumExp;
      result.tolerance = 4 * (UnitRoundoff(dtype) + 0x1p-53) * std::abs(result.value) +
                         (count + 4) * 0x1p-52 * (logarithm ? 1 + loss : std::abs(result.value)) + 0x1p-126;
    }
    return result;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], std::make_shared<ReduceGradientOperation>(op_),
                     {node.inputs[0], node.outputs[0], node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  ReduceOp op_;
};

}  // namespace

ReduceOp::operator OperationPtr() const {
  return std::make_shared<ReduceOperation>(*this);
}

}  // namespace convscope
