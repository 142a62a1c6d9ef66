#include "convscope/graph/activation_operation.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/activation_gradient.h"
#include "convscope/kernels/reference/activation.h"
#include "convscope/kernels/reference/activation_gradient.h"

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

std::vector<Attribute> AttributesOf(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
    case ActivationKind::kThresholdedRelu:
    case ActivationKind::kCelu:
      return {{"alpha", static_cast<double>(activation.alpha)}};
    case ActivationKind::kHardSigmoid:
      return {{"alpha", static_cast<double>(activation.alpha)}, {"beta", static_cast<double>(activation.beta)}};
    case ActivationKind::kGelu:
      return {{"approximate", activation.approximate}};
    default:
      return {};
  }
}

class PreparedActivationGradient : public PreparedOperation {
 public:
  PreparedActivationGradient(const Activation& activation, const TensorType& type)
      : activation_(activation), count_(type.shape.NumElements()), row_(type.shape.back()), dtype_(type.dtype) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    if (count_ == 0) return;
    if (dtype_ == DType::kFloat64) {
      reference::ActivationGradient(activation_, static_cast<const double*>(inputs[0]),
                                    static_cast<const double*>(inputs[1]), static_cast<double*>(outputs[0]), count_,
                                    row_);
      return;
    }
    const auto* value = static_cast<const float*>(inputs[0]);
    const auto* output_gradient = static_cast<const float*>(inputs[1]);
    auto* input_gradient = static_cast<float*>(outputs[0]);
    ParallelRanges(count_ / row_, kGrain / row_ + 1, [&](int64_t begin, int64_t end) {
      ActivationGradient(activation_, value + begin * row_, output_gradient + begin * row_,
                         input_gradient + begin * row_, (end - begin) * row_, row_);
    });
  }

 private:
  Activation activation_;
  int64_t count_;
  int64_t row_;
  DType dtype_;
};

// Inputs: the output or the input of the activation, as GradientReadsOutput says, and the gradient of the output.
class ActivationGradientOperation : public Operation {
 public:
  explicit ActivationGradientOperation(const Activation& activation)
      : activation_(activation), type_(UpperCamel(Name(activation.kind)) + "Gradient") {}

  std::string_view type() const override { return type_; }
  std::vector<Attribute> attributes() const override { return AttributesOf(activation_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    if (inputs[0].shape != inputs[1].shape || inputs[0].shape.rank() == 0) {
      throw Error({.rule = "both inputs have one shape of at least one axis",
                   .received = Concat(inputs[0].shape.ToString(), " and ", inputs[1].shape.ToString())});
    }
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return std::make_unique<PreparedActivationGradient>(activation_, inputs[0]);
  }

  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const override {
    if (inputs[0].dtype != DType::kFloat32 || written != 1) return {};
    return [activation = activation_, row = inputs[0].shape.back()](float* values, int64_t first, int64_t count,
                                                                    std::span<const void* const> operands) {
      const auto* value = static_cast<const float*>(operands[0]) + first;
      ActivationGradient(activation, value, values, values, count, row);
    };
  }

 private:
  Activation activation_;
  std::string type_;
};

// The activations that GradientRule changes: those that pass what is positive and hold back what is negative. A
// leaky_relu that turns negative values around holds nothing back.
bool IsRectifier(const Activation& activation) {
  return activation.kind == ActivationKind::kRelu || activation.kind == ActivationKind::kRelu6 ||
         (activation.kind == ActivationKind::kLeakyRelu && activation.alpha >= 0);
}

class ActivationOperation : public Operation {
 public:
  explicit ActivationOperation(const Activation& activation)
      : activation_(activation), type_(UpperCamel(Name(activation.kind))) {}

  std::string_view type() const override { return type_; }
  std::vector<Attribute> attributes() const override { return AttributesOf(activation_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    if (inputs[0].shape.rank() == 0) {
      throw Error({.rule = "the input has at least one axis", .received = inputs[0].ToString()});
    }
    if (activation_.kind == ActivationKind::kCelu && !(activation_.alpha > 0)) {
      throw Error({.rule = "alpha is above 0", .received = ShortestText(activation_.alpha)});
    }
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return std::make_unique<PreparedActivation>(activation_, inputs[0]);
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    if (!IsOfRows(activation_.kind)) return {{InputReads::Kind::kSameElements}};
    InputReads x{.kind = InputReads::Kind::kAxes};
    const int last = inputs[0].shape.rank() - 1;
    for (int axis = 0; axis < last; ++axis) x.axes.push_back(AxisReads::Same(axis));
    x.axes.push_back(AxisReads::All(inputs[0].shape.back()));
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return IsOfRows(activation_.kind) ? ExplainSoftmax(inputs, element) : ExplainFunction(inputs, element);
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const std::string& target = node.names[0];
    std::string back = node.output_gradients[0];
    if (activation_.kind == ActivationKind::kLinear) return {back};
    Activation gate = activation_;
    if (node.rule != GradientRule::kTrue && IsRectifier(activation_)) {
      // Only what is positive goes on. That is all of deconvolution; guided, the output must be positive as well, which
      // for leaky_relu is the gate of relu.
      const OperationPtr positive = ActivationOp{MakeActivation(ActivationKind::kRelu)};
      const bool ends_here = node.rule == GradientRule::kDeconvolution;
      const std::string name = ends_here ? target : target + "/positive";
      node.builder.Add(name, positive, {back});
      if (ends_here) return {name};
      back = name;
      if (gate.kind == ActivationKind::kLeakyRelu) gate = MakeActivation(ActivationKind::kRelu);
    }
    const std::string& read = GradientReadsOutput(gate) ? node.outputs[0] : node.inputs[0];
    node.builder.Add(target, std::make_shared<ActivationGradientOperation>(gate), {read, back});
    return {target};
  }

  std::optional<Limits> AsLimits() const override {
    if (activation_.kind == ActivationKind::kRelu) return Limits{.low = 0};
    if (activation_.kind == ActivationKind::kRelu6) return Limits{.low = 0, .high = 6};
    return std::nullopt;
  }

  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t) const override {
    if (inputs[0].dtype != DType::kFloat32) return {};
    return [activation = activation_, row = inputs[0].shape.back()](float* values, int64_t, int64_t count,
                                                                    std::span<const void* const>) {
      Activate(activation, values, values, count, row);
    };
  }

 private:
  // Within what kernels/activation.h promises of float32.
  Arithmetic ExplainFunction(std::span<const Tensor* const> inputs, int64_t element) const {
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = Formula(activation_),
                      .terms = {TermOf(inputs, 0, element)},
                      .window = Shape{1},
                      .through = 0};
    const double x = result.terms[0].value;
    result.value = reference::Activate(activation_, x);
    const double unit = UnitRoundoff(inputs[0]->dtype()) + 0x1p-53;
    double units = 2 * 4, size = std::abs(result.value);  // one in the last place is two roundings
    if (activation_.kind == ActivationKind::kGelu) {
      constexpr double kCubic = 0.044715;
      const double u = std::sqrt(2 / std::numbers::pi) * (x + kCubic * x * x * x);
      units = activation_.approximate ? 2 * (4 + 3 * std::abs(2 * u)) : 2 * 10;
    }
    if (activation_.kind == ActivationKind::kHardSigmoid) {
      size = std::abs(static_cast<double>(activation_.alpha) * x) + std::abs(static_cast<double>(activation_.beta));
    }
    result.tolerance = units * unit * size + 0x1p-126;
    return result;
  }

  // Of softmax or log_softmax. e^(x - largest) inherits the rounding of x - largest, relative to its own size; the sum
  // adds one a term.
  Arithmetic ExplainSoftmax(std::span<const Tensor* const> inputs, int64_t element) const {
    const int64_t row = inputs[0]->shape().back(), first = element / row * row;
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = activation_.kind == ActivationKind::kSoftmax
                                     ? "e^x / sum of e^x over all of the row"
                                     : "x - log(sum of e^x over all of the row)",
                      .window = Shape{row},
                      .through = static_cast<size_t>(element - first)};
    double largest = -std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < row; ++i) {
      result.terms.push_back(TermOf(inputs, 0, first + i));
      largest = std::max(largest, result.terms.back().value);
    }
    double sum = 0, distances = 0;
    for (const ArithmeticTerm& term : result.terms) {
      const double e = std::exp(term.value - largest);
      sum += e;
      if (e > 0) distances += e * (largest - term.value);
    }
    const double own = result.terms[*result.through].value, power = std::exp(own - largest);
    const double unit = UnitRoundoff(inputs[0]->dtype()) + 0x1p-53;
    const double units_of_sum = static_cast<double>(row) + 2 * 8 + 4 + distances / sum;
    if (activation_.kind == ActivationKind::kLogSoftmax) {
      // The logarithm makes what is relative absolute; two differences follow.
      result.value = (own - largest) - std::log(sum);
      result.numbers = {{"largest x", largest}, {"sum of e^(x - largest)", sum}};
      result.tolerance = unit * (units_of_sum + 4 * std::log(sum) + 2 * (largest - own) + 2 * std::abs(result.value));
      return result;
    }
    result.value = power / sum;
    result.numbers = {{"largest x", largest}, {"e^(x - largest)", power}, {"sum of e^(x - largest)", sum}};
    const double units = units_of_sum + (power > 0 ? largest - own : 0);
    result.tolerance = units * unit * result.value + static_cast<double>(row + 1) * 0x1p-126;
    return result;
  }

  Activation activation_;
  std::string type_;
};

}  // namespace

ActivationOp::operator OperationPtr() const {
  return std::make_shared<ActivationOperation>(activation);
}

}  // namespace convscope
