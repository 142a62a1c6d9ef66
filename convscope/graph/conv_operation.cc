#include "convscope/graph/conv_operation.h"

#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/sliding_window.h"
#include "convscope/kernels/reference/conv.h"

namespace convscope {
namespace {

class PreparedConv32 : public PreparedOperation {
 public:
  PreparedConv32(const ConvSpec& spec, std::span<const Tensor* const> constants, Epilogue epilogue)
      : spec_(spec), epilogue_(std::move(epilogue)) {
    for (const Tensor* constant : constants.subspan(1)) {
      if (constant == nullptr) return;
    }
    packed_.emplace(spec, constants[1]->data(), constants.size() > 2 ? constants[2]->data() : nullptr, epilogue_);
  }

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const auto* input = static_cast<const float*>(inputs[0]);
    auto* output = static_cast<float*>(outputs[0]);
    if (packed_) {
      (*packed_)(input, output);
    } else {
      // A kernel that is itself computed is packed at each call.
      const auto* bias = inputs.size() > 2 ? static_cast<const float*>(inputs[2]) : nullptr;
      Convolution(spec_, static_cast<const float*>(inputs[1]), bias, epilogue_)(input, output);
    }
  }

  std::string_view path() const override { return packed_ ? Name(packed_->path()) : ""; }

 private:
  ConvSpec spec_;
  Epilogue epilogue_;
  std::optional<Convolution> packed_;  // when kernel and bias are constant
};

class PreparedConv64 : public PreparedOperation {
 public:
  explicit PreparedConv64(const ConvSpec& spec) : spec_(spec) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const auto* bias = inputs.size() > 2 ? static_cast<const double*>(inputs[2]) : nullptr;
    reference::Conv(spec_, static_cast<const double*>(inputs[0]), static_cast<const double*>(inputs[1]), bias,
                    static_cast<double*>(outputs[0]));
  }

  std::string_view path() const override { return "reference"; }

 private:
  ConvSpec spec_;
};

class ConvOperation : public Operation {
 public:
  explicit ConvOperation(ConvOp attributes) : op_(std::move(attributes)) {}

  std::string_view type() const override { return "Conv"; }

  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = Window({}).Attributes();
    list.push_back({"groups", op_.groups});
    list.push_back({"flip_kernel", op_.flip_kernel});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 3);
    CheckFloating(inputs);
    const Shape& x = inputs[0].shape;
    const Shape& kernel = inputs[1].shape;
    const int rank = SpatialRank(x);
    if (kernel.rank() != x.rank()) {
      throw Error({.rule = Concat("the kernel of an input ", x.ToString(), " has ", rank,
                                  " spatial axes, then channels / groups and filters"),
                   .received = Concat("kernel ", kernel.ToString())});
    }
    if (op_.groups < 1 || x.back() % op_.groups != 0 || kernel.back() % op_.groups != 0) {
      throw Error({.rule = Concat("groups divides the ", x.back(), " channels and the ", kernel.back(), " filters"),
                   .received = std::to_string(op_.groups)});
    }
    if (kernel.back(1) * op_.groups != x.back()) {
      throw Error({.rule = Concat("the kernel's channels, times ", op_.groups, " groups, are the input's ", x.back()),
                   .received = Concat("kernel ", kernel.ToString(), " on input ", x.ToString())});
    }
    if (inputs.size() > 2 && inputs[2].shape != Shape{kernel.back()}) {
      throw Error({.rule = Concat("the bias has one value a filter, ", Shape{kernel.back()}.ToString()),
                   .received = inputs[2].shape.ToString()});
    }
    const ConvSpec spec = Spec(inputs);
    spec.Check();
    return {{spec.OutputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return Spec(inputs).MultiplyAdds(); }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                             std::span<const Tensor* const> constants,
                                             Epilogue epilogue) const override {
    if (inputs[0].dtype == DType::kFloat64) return std::make_unique<PreparedConv64>(Spec(inputs));
    return std::make_unique<PreparedConv32>(Spec(inputs), constants, std::move(epilogue));
  }

  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inputs[0].dtype == DType::kFloat32; }

 private:
  SlidingWindow Window(std::span<const int64_t> sizes) const {
    return {.sizes = sizes,
            .strides = op_.strides,
            .dilations = op_.dilations,
            .padding = op_.padding,
            .pad_mode = op_.pad_mode};
  }

  ConvSpec Spec(std::span<const TensorType> inputs) const {
    const Shape& x = inputs[0].shape;
    const Shape& kernel = inputs[1].shape;
    const int rank = x.rank() - 2;
    return {.rank = rank,
            .axes = Window(kernel.lengths().first(static_cast<size_t>(rank))).Axes(x),
            .batch = x[0],
            .channels = x.back(),
            .filters = kernel.back(),
            .groups = op_.groups,
            .pad_mode = op_.pad_mode,
            .flip_kernel = op_.flip_kernel};
  }

  ConvOp op_;
};

}  // namespace

ConvOp::operator OperationPtr() const {
  return std::make_shared<ConvOperation>(*this);
}

}  // namespace convscope
