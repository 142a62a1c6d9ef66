#include "convscope/graph/lp_normalization_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/axis_rule.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 14;  // elements: some microseconds of work

// x as (outer, length, inner), the runs along the middle one.
struct Runs {
  int64_t outer = 1, length = 1, inner = 1;
};

Runs RunsOf(const LpNormalizationOp& op, const Shape& x) {
  const int axis = AxisOf(op.axis, x.rank());
  Runs runs{.length = x[axis]};
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) (i < axis ? runs.outer : runs.inner) *= x[i];
  }
  return runs;
}

void Check(const LpNormalizationOp& op, const Shape& x) {
  CheckedAxis(op.axis, x);
  if (op.p != 1 && op.p != 2) throw Error({.rule = "p is 1 or 2", .received = std::to_string(op.p)});
}

// body(first element of a run) for each run.
template <typename Body>
void ForRuns(const Runs& runs, const Body& body) {
  ParallelRanges(runs.outer * runs.inner, kGrain / std::max<int64_t>(runs.length, 1) + 1,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     body(i / runs.inner * runs.length * runs.inner + i % runs.inner);
                   }
                 });
}

// Scaled by the largest value, so that no square overflows or is lost.
template <typename T>
double NormOf(const T* x, const Runs& runs, int64_t p) {
  double sum = 0;
  for (int64_t i = 0; i < runs.length; ++i) {
    const double value = x[i * runs.inner];
    sum += p == 1 ? std::abs(value) : value * value;
  }
  if (p == 1 || std::isnan(sum)) return sum;
  if (sum < 1e300 && sum > 1e-290) return std::sqrt(sum);
  double most = 0, rest = 0;
  for (int64_t i = 0; i < runs.length; ++i) {
    const double value = std::abs(static_cast<double>(x[i * runs.inner]));
    if (!(value <= most)) most = value;
  }
  if (most == 0 || !std::isfinite(most)) return most;
  for (int64_t i = 0; i < runs.length; ++i) {
    const double share = x[i * runs.inner] / most;
    rest += share * share;
  }
  return most * std::sqrt(rest);
}

// With n the norm and y = x / n: dx = (g - d sum(g y)) / n, where d is y for p = 2 and the sign of x for p = 1.
// Inputs: the gradient of the output, and x.
class LpNormalizationGradient : public Operation {
 public:
  explicit LpNormalizationGradient(const LpNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "LpNormalizationGradient"; }
  std::vector<Attribute> attributes() const override { return {{"axis", op_.axis}, {"p", op_.p}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    Check(op_, inputs[1].shape);
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([runs = RunsOf(op_, inputs[1].shape), p = op_.p, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        ForRuns(runs, [&](int64_t first) {
          const T *g = static_cast<const T*>(from[0]) + first, *x = static_cast<const T*>(from[1]) + first;
          T* dx = static_cast<T*>(to[0]) + first;
          const double norm = NormOf(x, runs, p);
          double along = 0;
          for (int64_t i = 0; i < runs.length; ++i) along += g[i * runs.inner] * (x[i * runs.inner] / norm);
          for (int64_t i = 0; i < runs.length; ++i) {
            const double value = x[i * runs.inner];
            const double direction = p == 2 ? value / norm : (value > 0) - (value < 0);
            dx[i * runs.inner] = norm == 0 ? T{0} : static_cast<T>((g[i * runs.inner] - direction * along) / norm);
          }
        });
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  LpNormalizationOp op_;
};

class LpNormalizationOperation : public Operation {
 public:
  explicit LpNormalizationOperation(const LpNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "LpNormalization"; }
  std::vector<Attribute> attributes() const override { return {{"axis", op_.axis}, {"p", op_.p}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    Check(op_, inputs[0].shape);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([runs = RunsOf(op_, inputs[0].shape), p = op_.p, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        ForRuns(runs, [&](int64_t first) {
          const T* x = static_cast<const T*>(from[0]) + first;
          T* y = static_cast<T*>(to[0]) + first;
          const double norm = NormOf(x, runs, p);
          for (int64_t i = 0; i < runs.length; ++i) {
            y[i * runs.inner] = norm == 0 ? T{0} : static_cast<T>(x[i * runs.inner] / norm);
          }
        });
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& shape = inputs[0].shape;
    InputReads x{.kind = InputReads::Kind::kAxes};
    for (int i = 0; i < shape.rank(); ++i) {
      x.axes.push_back(i == AxisOf(op_.axis, shape.rank()) ? AxisReads::All(shape[i]) : AxisReads::Same(i));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Runs runs = RunsOf(op_, inputs[0]->shape());
    const int64_t first = element / (runs.length * runs.inner) * runs.length * runs.inner + element % runs.inner;
    std::vector<double> run(static_cast<size_t>(runs.length));
    for (int64_t i = 0; i < runs.length; ++i) run[i] = ElementOf(*inputs[0], first + i * runs.inner);
    const double norm = NormOf(run.data(), {.length = runs.length}, op_.p);
    Arithmetic quotient{.formula = op_.p == 1 ? "x / (sum of |x| along the run)" : "x / sqrt(sum of x^2 along the run)",
                        .terms = {TermOf(inputs, 0, element, norm == 0 ? 0 : 1 / norm)},
                        .window = Shape{1},
                        .numbers = {{"values in the run", static_cast<double>(runs.length)}, {"norm", norm}},
                        .through = 0};
    return Finished(std::move(quotient), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], std::make_shared<LpNormalizationGradient>(op_),
                     {node.output_gradients[0], node.inputs[0]});
    return {node.names[0]};
  }

 private:
  LpNormalizationOp op_;
};

}  // namespace

LpNormalizationOp::operator OperationPtr() const {
  return std::make_shared<LpNormalizationOperation>(*this);
}

}  // namespace convscope
