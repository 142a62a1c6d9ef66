#include "convscope/graph/activation_operation.h"

#include <cctype>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/kernels/reference/activation.h"

namespace convscope {
namespace {

// Enough work for a thread to be worth waking: some microseconds of the cheapest activation.
constexpr int64_t kGrain = int64_t{1} << 15;  // elements

class PreparedActivation : public PreparedOperation {
 public:
  PreparedActivation(const Activation& activation, const TensorType& type)
      : activation_(activation), count_(type.shape.NumElements()), row_(type.shape.back()), dtype_(type.dtype) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    if (count_ == 0) return;
    if (dtype_ == DType::kFloat64) {
      reference::Activate(activation_, static_cast<const double*>(inputs[0]), static_cast<double*>(outputs[0]), count_,
                          row_);
      return;
    }
    const auto* input = static_cast<const float*>(inputs[0]);
    auto* output = static_cast<float*>(outputs[0]);
    // Whole rows a piece: softmax needs them, and the others do not mind.
    ParallelRanges(count_ / row_, kGrain / row_ + 1, [&](int64_t begin, int64_t end) {
      Activate(activation_, input + begin * row_, output + begin * row_, (end - begin) * row_, row_);
    });
  }

 private:
  Activation activation_;
  int64_t count_;
  int64_t row_;
  DType dtype_;
};

// "leaky_relu" -> "LeakyRelu"
std::string UpperCamel(std::string_view name) {
  std::string text;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') text += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return text;
}

class ActivationOperation : public Operation {
 public:
  explicit ActivationOperation(const Activation& activation)
      : activation_(activation), type_(UpperCamel(Name(activation.kind))) {}

  std::string_view type() const override { return type_; }

  std::vector<Attribute> attributes() const override {
    switch (activation_.kind) {
      case ActivationKind::kLeakyRelu:
      case ActivationKind::kElu:
        return {{"alpha", static_cast<double>(activation_.alpha)}};
      case ActivationKind::kHardSigmoid:
        return {{"alpha", static_cast<double>(activation_.alpha)}, {"beta", static_cast<double>(activation_.beta)}};
      case ActivationKind::kGelu:
        return {{"approximate", activation_.approximate}};
      default:
        return {};
    }
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    if (inputs[0].shape.rank() == 0) {
      throw Error({.rule = "the input has at least one axis", .received = inputs[0].ToString()});
    }
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return std::make_unique<PreparedActivation>(activation_, inputs[0]);
  }

  Epilogue AsEpilogue(const TensorType& input) const override {
    if (input.dtype != DType::kFloat32) return {};
    return [activation = activation_, row = input.shape.back()](float* values, int64_t count) {
      Activate(activation, values, values, count, row);
    };
  }

 private:
  Activation activation_;
  std::string type_;
};

}  // namespace

ActivationOp::operator OperationPtr() const {
  return std::make_shared<ActivationOperation>(activation);
}

}  // namespace convscope
