#include "convscope/graph/arg_max_operation.h"

#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/internal/axis_lines.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/reduced_shape.h"

namespace convscope {
namespace {

// Whether a value beats another one that stands before it.
template <typename T>
bool Beats(const ArgMaxOp& op, T x, T best) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(best)) return op.last && std::isnan(x);
    if (std::isnan(x)) return true;
  }
  return (op.least ? x < best : x > best) || (op.last && x == best);
}

template <typename T>
int64_t Place(const ArgMaxOp& op, const T* first, int64_t length, int64_t step) {
  int64_t best = 0;
  for (int64_t i = 1; i < length; ++i) {
    if (Beats(op, first[i * step], first[best * step])) best = i;
  }
  return best;
}

class ArgMaxOperation : public Operation {
 public:
  explicit ArgMaxOperation(const ArgMaxOp& op) : op_(op) {}

  std::string_view type() const override { return op_.least ? "ArgMin" : "ArgMax"; }
  std::vector<Attribute> attributes() const override {
    return {{"axis", op_.axis}, {"keep_axis", op_.keep_axis}, {"last", op_.last}};
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckElements(inputs, ElementClass::kNumbers);
    const Shape& x = inputs[0].shape;
    if (x[AxisOf(op_.axis, x)] == 0) {
      throw Error({.rule = Concat("axis ", op_.axis, " has a value at least"), .received = x.ToString()});
    }
    return {{ReducedShape(x, ReducedAxes({op_.axis}, x), op_.keep_axis), DType::kInt64}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const AxisLines lines(inputs[0].shape, AxisOf(op_.axis, inputs[0].shape));
    return PreparedFrom(
        [lines, op = op_, dtype = inputs[0].dtype](std::span<const void* const> from, std::span<void* const> to) {
          ForNumberType(dtype, [&](auto type) {
            using T = decltype(type);
            int64_t* places = static_cast<int64_t*>(to[0]);
            ParallelRanges(lines.count, lines.grain(), [&](int64_t begin, int64_t end) {
              for (int64_t line = begin; line < end; ++line) {
                places[line] = Place(op, static_cast<const T*>(from[0]) + lines.First(line), lines.length, lines.step);
              }
            });
          });
        });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& x = inputs[0].shape;
    return {ReducedReads(x, ReducedAxes({op_.axis}, x), op_.keep_axis)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape& x = inputs[0]->shape();
    const std::vector<int64_t> read = ElementsReduced(x, ReducedAxes({op_.axis}, x), element);
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = op_.least ? "place of the smallest" : "place of the largest",
                      .window = Shape{static_cast<int64_t>(read.size())}};
    for (const int64_t from : read) result.terms.push_back(TermOf(inputs, 0, from));
    const AxisLines lines(x, AxisOf(op_.axis, x));
    result.value = ForNumberType(inputs[0]->dtype(), [&](auto type) {
      const auto* first = inputs[0]->data<decltype(type)>() + read[0];
      return static_cast<double>(Place(op_, first, lines.length, lines.step));
    });
    return result;
  }

 private:
  ArgMaxOp op_;
};

}  // namespace

ArgMaxOp::operator OperationPtr() const {
  return std::make_shared<ArgMaxOperation>(*this);
}

}  // namespace convscope
