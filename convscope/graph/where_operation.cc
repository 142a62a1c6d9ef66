#include "convscope/graph/where_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/product_sum.h"

namespace convscope {
namespace {

template <typename T>
void Choose(const Broadcast& broadcast, const bool* condition, const T* x, const T* y, T* output) {
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      const bool* holds = condition + offsets[0];
      const T *a = x + offsets[1], *b = y + offsets[2];
      const int64_t step = broadcast.step(0), step_a = broadcast.step(1), step_b = broadcast.step(2);
      T* to = output + first;
      for (int64_t i = 0; i < count; ++i) to[i] = holds[i * step] ? a[i * step_a] : b[i * step_b];
    });
  });
}

// Inputs the condition and a gradient of the common shape; output the gradient where the condition is `side`, else 0.
class WhereGradientOperation : public Operation {
 public:
  explicit WhereGradientOperation(bool side) : side_(side) {}

  std::string_view type() const override { return "WhereGradient"; }
  std::vector<Attribute> attributes() const override { return {{"side", side_}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckElements(inputs.subspan(0, 1), ElementClass::kBool);
    CheckFloating(inputs.subspan(1));
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const std::vector<Shape> shapes = {inputs[0].shape, inputs[1].shape, Shape{}};
    return PreparedFrom([broadcast = Broadcast(shapes), dtype = inputs[1].dtype, side = side_](
                            std::span<const void* const> from, std::span<void* const> to) {
      ForFloatingType(dtype, [&](auto type) {
        using T = decltype(type);
        const T zero = 0;
        const bool* condition = static_cast<const bool*>(from[0]);
        const T* dy = static_cast<const T*>(from[1]);
        ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
          broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
            const int64_t step = broadcast.step(0);
            T* dx = static_cast<T*>(to[0]) + first;
            for (int64_t i = 0; i < count; ++i) {
              dx[i] = condition[offsets[0] + i * step] == side ? dy[first + i] : zero;
            }
          });
        });
      });
    });
  }

 private:
  bool side_;
};

class WhereOperation : public Operation {
 public:
  std::string_view type() const override { return "Where"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    if (inputs[0].dtype != DType::kBool) {
      throw Error({.rule = "the condition, the first input, is bool", .received = inputs[0].ToString()});
    }
    CheckElements(inputs.subspan(1), ElementClass::kAny);
    return {{BroadcastShape(inputs), inputs[1].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[1].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      ForElementType(dtype, [&](auto type) {
        using T = decltype(type);
        Choose(broadcast, static_cast<const bool*>(from[0]), static_cast<const T*>(from[1]),
               static_cast<const T*>(from[2]), static_cast<T*>(to[0]));
      });
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override { return BroadcastReadsOf(inputs); }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const std::vector<Shape> shapes = ShapesOf(inputs);
    const bool holds = inputs[0]->data<bool>()[BroadcastElement(shapes, 0, element)];
    const int chosen = holds ? 1 : 2;
    Arithmetic result{
        .rule = Arithmetic::Rule::kFunction,
        .formula = holds ? "the second input, since the condition holds" : "the third input, since it does not hold",
        .terms = {TermOf(inputs, chosen, BroadcastElement(shapes, static_cast<size_t>(chosen), element))},
        .window = Shape{1},
        .through = 0};
    result.value = result.terms[0].value;
    return result;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(3);
    const Shape output = node.builder.graph()[node.outputs[0]].type.shape;
    for (const size_t i : {1, 2}) {
      const std::string& name = node.names[i];
      if (name.empty()) continue;
      const bool repeated = node.builder.graph()[node.inputs[i]].type.shape != output;
      const std::string held = repeated ? name + "/held" : name;
      node.builder.Add(held, std::make_shared<WhereGradientOperation>(i == 1),
                       {node.inputs[0], node.output_gradients[0]});
      gradients[i] = AddRepeatedGradient(node, i, {held});
    }
    return gradients;
  }
};

}  // namespace

WhereOp::operator OperationPtr() const {
  return std::make_shared<WhereOperation>();
}

}  // namespace convscope
