#include "convscope/graph/multiply_operation.h"

#include "convscope/base/error.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/product_sum.h"

namespace convscope {
namespace {

template <typename T>
void Product(const Broadcast& broadcast, std::span<const void* const> inputs, void* output) {
  const auto input = [&](size_t k) { return static_cast<const T*>(inputs[k]); };
  if (inputs.size() == 2) {
    return MapBroadcast(broadcast, input(0), input(1), static_cast<T*>(output), TimesOf{});
  }
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      T* to = static_cast<T*>(output) + first;
      std::fill_n(to, count, T{1});
      for (size_t k = 0; k < inputs.size(); ++k) {
        const T* from = input(k) + offsets[k];
        if (broadcast.step(k) != 0) {
          for (int64_t i = 0; i < count; ++i) to[i] = TimesOf{}(to[i], from[i]);
        } else {
          for (int64_t i = 0; i < count; ++i) to[i] = TimesOf{}(to[i], *from);
        }
      }
    });
  });
}

class MultiplyOperation : public Operation, public IsChannelLine {
 public:
  std::string_view type() const override { return "Mul"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    if (inputs.size() < 2) {
      throw Error({.rule = "a product has at least 2 inputs", .received = std::to_string(inputs.size())});
    }
    CheckElements(inputs, ElementClass::kNumbers);
    return {{BroadcastShape(inputs), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      ForNumberType(dtype, [&](auto type) { Product<decltype(type)>(broadcast, from, to[0]); });
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override { return BroadcastReadsOf(inputs); }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic product{.rule = Arithmetic::Rule::kProduct,
                       .formula = "product of the inputs",
                       .window = Shape{static_cast<int64_t>(inputs.size())}};
    const std::vector<Shape> shapes = ShapesOf(inputs);
    for (size_t k = 0; k < inputs.size(); ++k) {
      product.terms.push_back(TermOf(inputs, static_cast<int>(k), BroadcastElement(shapes, k, element)));
    }
    return Finished(std::move(product), inputs[0]->dtype());
  }

  std::optional<ChannelLine> Line(std::span<const TensorType> inputs, std::span<const Tensor* const> constants,
                                  size_t through) const override {
    if (inputs.size() != 2) return std::nullopt;
    ChannelLine line{.scale = ChannelValues(*constants[1 - through], inputs[through].shape), .offset = {}};
    if (line.scale.empty()) return std::nullopt;
    line.offset.assign(line.scale.size(), 0.0);
    return line;
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
    const Shape output = node.builder.graph()[node.outputs[0]].type.shape;
    std::vector<std::string> gradients(node.inputs.size());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& name = node.names[i];
      if (name.empty()) continue;
      std::vector<std::string> factors = {node.output_gradients[0]};
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        if (k != i) factors.push_back(node.inputs[k]);
      }
      const bool repeated = node.builder.graph()[node.inputs[i]].type.shape != output;
      if (repeated && factors.size() > 2) {
        node.builder.Add(name + "/product", MultiplyOp{}, factors);
        factors = {name + "/product"};
      }
      gradients[i] = AddRepeatedGradient(node, i, factors);
    }
    return gradients;
  }
};

}  // namespace

MultiplyOp::operator OperationPtr() const {
  return std::make_shared<MultiplyOperation>();
}

}  // namespace convscope
