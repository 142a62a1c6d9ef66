#include "convscope/graph/cast_operation.h"

#include <cmath>
#include <limits>
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/element_types.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

template <typename To, typename From>
To Converted(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From{};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(x)) return 0;
    const From whole = std::trunc(x);
    if (whole >= std::ldexp(From{1}, std::numeric_limits<To>::digits)) return std::numeric_limits<To>::max();
    if (whole <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(whole);
  } else {
    return static_cast<To>(x);
  }
}

class CastOperation : public Operation {
 public:
  explicit CastOperation(DType to) : to_(to) {}

  std::string_view type() const override { return "Cast"; }
  std::vector<Attribute> attributes() const override { return {{"to", std::string(Name(to_))}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    return {{inputs[0].shape, to_}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom(
        [type = inputs[0], to_type = to_](std::span<const void* const> from, std::span<void* const> to) {
          ForElementType(type.dtype, [&](auto source) {
            ForElementType(to_type, [&](auto target) {
              using From = decltype(source);
              using To = decltype(target);
              const From* x = static_cast<const From*>(from[0]);
              To* y = static_cast<To*>(to[0]);
              ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i) y[i] = Converted<To>(x[i]);
              });
            });
          });
        });
  }

  std::vector<InputReads> Reads(std::span<const TensorType>) const override {
    return {{InputReads::Kind::kSameElements}};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = Concat("x as ", Name(to_)),
                      .terms = {TermOf(inputs, 0, element)},
                      .window = Shape{1},
                      .through = 0};
    ForElementType(inputs[0]->dtype(), [&](auto source) {
      ForElementType(to_, [&](auto target) {
        result.value = static_cast<double>(Converted<decltype(target)>(inputs[0]->data<decltype(source)>()[element]));
      });
    });
    return result;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const DType from = node.builder.graph()[node.inputs[0]].type.dtype;
    if (from == to_) return {node.output_gradients[0]};
    node.builder.Add(node.names[0], CastOp{from}, {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  DType to_;
};

}  // namespace

CastOp::operator OperationPtr() const {
  return std::make_shared<CastOperation>(to);
}

}  // namespace convscope
