#include "convscope/graph/multiply_operation.h"

#include "convscope/base/error.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"

namespace convscope {
namespace {

std::vector<Shape> ShapesOf(std::span<const TensorType> types) {
  std::vector<Shape> shapes;
  for (const TensorType& type : types) shapes.push_back(type.shape);
  return shapes;
}

template <typename T>
void Product(const Broadcast& broadcast, std::span<const void* const> inputs, void* output) {
  const auto input = [&](size_t k) { return static_cast<const T*>(inputs[k]); };
  if (inputs.size() == 2) {
    return MapBroadcast(broadcast, input(0), input(1), static_cast<T*>(output), [](T a, T b) { return a * b; });
  }
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      T* to = static_cast<T*>(output) + first;
      std::fill_n(to, count, T{1});
      for (size_t k = 0; k < inputs.size(); ++k) {
        const T* from = input(k) + offsets[k];
        if (broadcast.step(k) != 0) {
          for (int64_t i = 0; i < count; ++i) to[i] *= from[i];
        } else {
          for (int64_t i = 0; i < count; ++i) to[i] *= *from;
        }
      }
    });
  });
}

// The product of one or two inputs, summed over what a factor of the shape `to` was repeated along.
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

class MultiplyOperation : public Operation {
 public:
  std::string_view type() const override { return "Mul"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    if (inputs.size() < 2) {
      throw Error({.rule = "a product has at least 2 inputs", .received = std::to_string(inputs.size())});
    }
    CheckFloating(inputs);
    return {{BroadcastShape(ShapesOf(inputs)), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      dtype == DType::kFloat32 ? Product<float>(broadcast, from, to[0]) : Product<double>(broadcast, from, to[0]);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape output = BroadcastShape(ShapesOf(inputs));
    std::vector<InputReads> reads;
    for (const TensorType& input : inputs) reads.push_back(BroadcastReads(input.shape, output));
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic product{.rule = Arithmetic::Rule::kProduct,
                       .formula = "product of the inputs",
                       .window = Shape{static_cast<int64_t>(inputs.size())}};
    std::vector<Shape> shapes;
    for (const Tensor* input : inputs) shapes.push_back(input->shape());
    const Shape output = BroadcastShape(shapes);
    for (size_t k = 0; k < inputs.size(); ++k) {
      const int64_t from = ElementsRead(BroadcastReads(shapes[k], output), shapes[k], output, element)[0];
      product.terms.push_back(TermOf(inputs, static_cast<int>(k), from));
    }
    return Finished(std::move(product), inputs[0]->dtype());
  }

  // Two factors of one shape.
  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t) const override {
    if (inputs[0].dtype != DType::kFloat32 || inputs.size() != 2 || inputs[0].shape != inputs[1].shape) return {};
    return [](float* values, int64_t first, int64_t count, std::span<const void* const> operands) {
      const float* other = static_cast<const float*>(operands[0]) + first;
      for (int64_t i = 0; i < count; ++i) values[i] *= other[i];
    };
  }

  // Of each factor: the gradient of the product times all other factors, summed where the factor was repeated.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(node.inputs.size());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& name = node.names[i];
      if (name.empty()) continue;
      std::vector<std::string> factors = {node.output_gradients[0]};
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        if (k != i) factors.push_back(node.inputs[k]);
      }
      const Shape shape = node.builder.graph()[node.inputs[i]].type.shape;
      const bool repeated = shape != node.builder.graph()[node.outputs[0]].type.shape;
      if (repeated && factors.size() > 2) {
        node.builder.Add(name + "/product", MultiplyOp{}, factors);
        factors = {name + "/product"};
      }
      node.builder.Add(name, repeated ? std::make_shared<ProductSumOperation>(shape) : OperationPtr(MultiplyOp{}),
                       factors);
      gradients[i] = name;
    }
    return gradients;
  }
};

}  // namespace

MultiplyOp::operator OperationPtr() const {
  return std::make_shared<MultiplyOperation>();
}

}  // namespace convscope
