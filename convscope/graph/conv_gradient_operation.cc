#include "convscope/graph/conv_gradient_operation.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/prepared_conv.h"

namespace convscope {
namespace {

// Throws Error unless the two inputs have these shapes.
void CheckShapes(std::span<const TensorType> inputs, const Shape& first, const Shape& second) {
  CheckInputCount(inputs, 2, 2);
  CheckFloating(inputs);
  if (inputs[0].shape == first && inputs[1].shape == second) return;
  throw Error({.rule = Concat("the inputs are ", first.ToString(), " and ", second.ToString()),
               .received = Concat(inputs[0].shape.ToString(), " and ", inputs[1].shape.ToString())});
}

ConvSpec WithBatchOf(ConvSpec spec, std::span<const TensorType> inputs) {
  if (!inputs.empty() && inputs[0].shape.rank() > 0) spec.batch = inputs[0].shape[0];
  return spec;
}

class InputGradient : public Operation {
 public:
  InputGradient(const ConvSpec& spec, std::vector<Attribute> attributes)
      : spec_(spec), attributes_(std::move(attributes)) {}

  std::string_view type() const override { return "ConvInputGradient"; }
  std::vector<Attribute> attributes() const override { return attributes_; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    const ConvSpec spec = WithBatchOf(spec_, inputs);
    CheckShapes(inputs, spec.OutputShape(), spec.KernelShape());
    return {{spec.InputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override {
    return WithBatchOf(spec_, inputs).MultiplyAdds();
  }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareConvInputGradient(WithBatchOf(spec_, inputs), inputs[0].dtype);
  }

 private:
  ConvSpec spec_;
  std::vector<Attribute> attributes_;
};

class KernelGradient : public Operation {
 public:
  KernelGradient(const ConvSpec& spec, bool with_bias, std::vector<Attribute> attributes)
      : spec_(spec), with_bias_(with_bias), attributes_(std::move(attributes)) {}

  std::string_view type() const override { return "ConvKernelGradient"; }
  std::vector<Attribute> attributes() const override { return attributes_; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    const ConvSpec spec = WithBatchOf(spec_, inputs);
    CheckShapes(inputs, spec.InputShape(), spec.OutputShape());
    std::vector<TensorType> types = {{spec.KernelShape(), inputs[0].dtype}};
    if (with_bias_) types.push_back({Shape{spec.filters}, inputs[0].dtype});
    return types;
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override {
    return WithBatchOf(spec_, inputs).MultiplyAdds();
  }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareConvKernelGradient(WithBatchOf(spec_, inputs), inputs[0].dtype);
  }

 private:
  ConvSpec spec_;
  bool with_bias_;
  std::vector<Attribute> attributes_;
};

// Sums in T over pieces of kPiece pixels, each made by one thread, and of these sums, in their order, in double.
template <typename T>
class PreparedBiasGradient : public PreparedOperation {
 public:
  explicit PreparedBiasGradient(const Shape& shape)
      : filters_(shape.back()),
        pixels_(shape.NumElements() / filters_),
        pieces_((pixels_ + kPiece - 1) / kPiece),
        sums_(Shape{pieces_, filters_}, DTypeOf<T>()) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const T* from = static_cast<const T*>(inputs[0]);
    T* sums = sums_.data<T>();
    ParallelRanges(pieces_, std::max<int64_t>(1, (int64_t{1} << 15) / (kPiece * filters_)),
                   [&](int64_t begin, int64_t end) {
                     for (int64_t piece = begin; piece < end; ++piece) {
                       T* sum = sums + piece * filters_;
                       std::fill_n(sum, filters_, T{0});
                       for (int64_t p = piece * kPiece; p < std::min(pixels_, (piece + 1) * kPiece); ++p) {
                         for (int64_t f = 0; f < filters_; ++f) sum[f] += from[p * filters_ + f];
                       }
                     }
                   });
    for (int64_t f = 0; f < filters_; ++f) {
      double sum = 0;
      for (int64_t piece = 0; piece < pieces_; ++piece) sum += sums[piece * filters_ + f];
      static_cast<T*>(outputs[0])[f] = static_cast<T>(sum);
    }
  }

 private:
  static constexpr int64_t kPiece = 256;  // pixels
  int64_t filters_;
  int64_t pixels_;
  int64_t pieces_;
  Tensor sums_;
};

class BiasGradient : public Operation {
 public:
  std::string_view type() const override { return "BiasGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    if (inputs[0].shape.rank() == 0 || inputs[0].shape.NumElements() == 0) {
      throw Error({.rule = "the input has at least one axis and one element", .received = inputs[0].ToString()});
    }
    return {{Shape{inputs[0].shape.back()}, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    if (inputs[0].dtype == DType::kFloat64) return std::make_unique<PreparedBiasGradient<double>>(inputs[0].shape);
    return std::make_unique<PreparedBiasGradient<float>>(inputs[0].shape);
  }
};

}  // namespace

OperationPtr ConvInputGradientOperation(const ConvSpec& spec, std::vector<Attribute> attributes) {
  return std::make_shared<InputGradient>(spec, std::move(attributes));
}

OperationPtr ConvKernelGradientOperation(const ConvSpec& spec, bool with_bias, std::vector<Attribute> attributes) {
  return std::make_shared<KernelGradient>(spec, with_bias, std::move(attributes));
}

OperationPtr BiasGradientOperation() {
  return std::make_shared<BiasGradient>();
}

}  // namespace convscope
