#include "convscope/graph/prelu_operation.h"

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"

namespace convscope {
namespace {

// Inputs x and alpha; so for the gradients below.
void Check(std::span<const TensorType> inputs) {
  CheckFloating(inputs);
  const Shape &x = inputs[0].shape, &alpha = inputs[1].shape;
  bool fits = x.rank() >= 1 && (alpha.rank() == x.rank() || alpha.rank() == x.rank() - 1);
  for (int i = 0; fits && i < alpha.rank(); ++i) fits = alpha.back(i) == 1 || alpha.back(i) == x.back(i);
  if (!fits) {
    throw Error({.rule = Concat("for x ", x.ToString(), " alpha has its axes, the first one or not, as long or of ",
                                "length 1"),
                 .received = alpha.ToString()});
  }
}

// Inputs: x, alpha, the gradient of y. Output: the gradient of x.
template <typename T>
void GradientOfX(const Broadcast& broadcast, std::span<const void* const> from, void* to) {
  const T *x = static_cast<const T*>(from[0]), *alpha = static_cast<const T*>(from[1]);
  const T* dy = static_cast<const T*>(from[2]);
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      T* dx = static_cast<T*>(to) + first;
      const T *g = dy + first, *value = x + first, *slope = alpha + offsets[1];
      if (broadcast.step(1) != 0) {
        for (int64_t i = 0; i < count; ++i) dx[i] = g[i] * (value[i] > 0 ? T{1} : slope[i]);
      } else {
        for (int64_t i = 0; i < count; ++i) dx[i] = g[i] * (value[i] > 0 ? T{1} : *slope);
      }
    });
  });
}

class PReluGradient : public Operation {
 public:
  explicit PReluGradient(bool of_alpha) : of_alpha_(of_alpha) {}

  std::string_view type() const override { return of_alpha_ ? "PReluAlphaGradient" : "PReluGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    Check(inputs);
    return {inputs[of_alpha_ ? 1 : 0]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape &x = inputs[0].shape, &alpha = inputs[1].shape;
    const Broadcast broadcast(of_alpha_ ? std::vector{x, x, alpha} : std::vector{x, alpha});
    return PreparedFrom([broadcast, of_alpha = of_alpha_, size = alpha.NumElements(), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        if (!of_alpha) return GradientOfX<T>(broadcast, from, to[0]);
        const auto input = [&](size_t i) { return static_cast<const T*>(from[i]); };
        SumBroadcast(broadcast, size, input(0), input(2), static_cast<T*>(to[0]),
                     [](T value, T g) { return value > 0 ? T{0} : g * value; });
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  bool of_alpha_;
};

class PReluOperation : public Operation {
 public:
  std::string_view type() const override { return "PRelu"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    Check(inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(std::vector{inputs[0].shape, inputs[1].shape}), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        MapBroadcast(broadcast, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]), static_cast<T*>(to[0]),
                     [](T x, T alpha) { return x > 0 ? x : alpha * x; });
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return {{InputReads::Kind::kSameElements}, BroadcastReads(inputs[1].shape, inputs[0].shape)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape &x = inputs[0]->shape(), &alpha = inputs[1]->shape();
    const int64_t slope = ElementsRead(BroadcastReads(alpha, x), alpha, x, element)[0];
    Arithmetic result{.formula = "x where x > 0, else alpha * x",
                      .window = Shape{1},
                      .numbers = {{"alpha", ElementOf(*inputs[1], slope)}},
                      .through = 0};
    result.terms.push_back(ElementOf(*inputs[0], element) > 0 ? TermOf(inputs, 0, element)
                                                              : TermOf(inputs, 0, element, 1, slope));
    return Finished(std::move(result), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    for (const size_t i : {0, 1}) {
      if (node.names[i].empty()) continue;
      node.builder.Add(node.names[i], std::make_shared<PReluGradient>(i == 1),
                       {node.inputs[0], node.inputs[1], node.output_gradients[0]});
    }
    return node.names;
  }
};

}  // namespace

PReluOp::operator OperationPtr() const {
  return std::make_shared<PReluOperation>();
}

}  // namespace convscope
