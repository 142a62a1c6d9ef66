#include "convscope/graph/internal/product_sum.h"

#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/multiply_operation.h"

namespace convscope {
namespace {

class ProductSumOperation : public Operation {
 public:
  explicit ProductSumOperation(Shape to) : to_(to) {}

  std::string_view type() const override { return "ProductSum"; }
  std::vector<Attribute> attributes() const override {
    return {{"shape", std::vector<int64_t>(to_.lengths().begin(), to_.lengths().end())}};
  }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 2);
    CheckFloating(inputs);
    BroadcastShape(Operands(inputs));
    return {{to_, inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(Operands(inputs)), size = to_.NumElements(), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      dtype == DType::kFloat32 ? Sum<float>(broadcast, size, from, to[0]) : Sum<double>(broadcast, size, from, to[0]);
    });
  }

 private:
  template <typename T>
  static void Sum(const Broadcast& broadcast, int64_t size, std::span<const void* const> inputs, void* output) {
    const T* a = static_cast<const T*>(inputs[0]);
    const T* b = static_cast<const T*>(inputs.back());
    T* to = static_cast<T*>(output);
    if (inputs.size() == 2) {
      SumBroadcast(broadcast, size, a, b, to, [](T x, T y) { return x * y; });
    } else {
      SumBroadcast(broadcast, size, a, b, to, [](T x, T) { return x; });
    }
  }

  // First factor, last factor (the same where there is one) and the result.
  std::vector<Shape> Operands(std::span<const TensorType> inputs) const {
    return {inputs.front().shape, inputs.back().shape, to_};
  }

  Shape to_;
};

}  // namespace

OperationPtr ProductSum(Shape to) {
  return std::make_shared<ProductSumOperation>(to);
}

std::string AddRepeatedGradient(const NodeGradient& node, size_t i, const std::vector<std::string>& factors) {
  const Shape shape = node.builder.graph()[node.inputs[i]].type.shape;
  const bool repeated = shape != node.builder.graph()[node.outputs[0]].type.shape;
  if (!repeated && factors.size() == 1) return factors[0];
  node.builder.Add(node.names[i], repeated ? ProductSum(shape) : OperationPtr(MultiplyOp{}), factors);
  return node.names[i];
}

}  // namespace convscope
