#include "convscope/graph/pool_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/fast_form.h"
#include "convscope/graph/sliding_window.h"
#include "convscope/kernels/pool_gradient.h"
#include "convscope/kernels/reference/pool.h"
#include "convscope/kernels/reference/pool_gradient.h"

namespace convscope {
namespace {

class PreparedPool : public PreparedOperation {
 public:
  PreparedPool(const PoolSpec& spec, DType dtype) : spec_(spec), dtype_(dtype) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    if (dtype_ == DType::kFloat32) {
      Pool(spec_, static_cast<const float*>(inputs[0]), static_cast<float*>(outputs[0]));
    } else {
      reference::Pool(spec_, static_cast<const double*>(inputs[0]), static_cast<double*>(outputs[0]));
    }
  }

 private:
  PoolSpec spec_;
  DType dtype_;
};

class PreparedPoolGradient : public PreparedOperation {
 public:
  PreparedPoolGradient(const PoolSpec& spec, DType dtype, Epilogue epilogue)
      : spec_(spec), dtype_(dtype), epilogue_(std::move(epilogue)) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    const void* input = spec_.kind == PoolKind::kMax ? inputs[1] : nullptr;
    if (dtype_ == DType::kFloat32) {
      PoolGradient(spec_, static_cast<const float*>(input), static_cast<const float*>(inputs[0]),
                   static_cast<float*>(outputs[0]), epilogue_);
    } else {
      reference::PoolGradient(spec_, static_cast<const double*>(input), static_cast<const double*>(inputs[0]),
                              static_cast<double*>(outputs[0]));
    }
  }

 private:
  PoolSpec spec_;
  DType dtype_;
  Epilogue epilogue_;
};

SlidingWindow WindowOf(const PoolOp& op) {
  return {.sizes = op.sizes,
          .strides = op.strides,
          .dilations = op.dilations,
          .padding = op.padding,
          .pad_mode = op.pad_mode,
          .ceil_mode = op.ceil_mode};
}

PoolSpec SpecOf(const PoolOp& op, const Shape& x) {
  return {.kind = op.kind,
          .rank = SpatialRank(x),
          .axes = WindowOf(op).Axes(x),
          .batch = x[0],
          .channels = x.back(),
          .pad_mode = op.pad_mode,
          .count_include_pad = op.count_include_pad};
}

std::vector<Attribute> AttributesOf(const PoolOp& op) {
  std::vector<Attribute> list = WindowOf(op).Attributes();
  list.insert(list.begin(), {"sizes", op.sizes});
  list.push_back({"ceil_mode", op.ceil_mode});
  if (op.kind == PoolKind::kAverage) list.push_back({"count_include_pad", op.count_include_pad});
  return list;
}

// Inputs: the gradient of the output and, of a maximum, the pool's input, which an average does not need.
class PoolGradientOperation : public Operation {
 public:
  PoolGradientOperation(PoolOp attributes, const Shape& input) : op_(std::move(attributes)), input_(input) {}

  std::string_view type() const override {
    return op_.kind == PoolKind::kMax ? "MaxPoolGradient" : "AveragePoolGradient";
  }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    const size_t count = op_.kind == PoolKind::kMax ? 2 : 1;
    CheckInputCount(inputs, count, count);
    CheckFloating(inputs);
    const Shape input = InputOf(inputs);
    const Shape output = SpecOf(op_, input).OutputShape();
    if (inputs[0].shape != output || (count > 1 && inputs[1].shape != input)) {
      throw Error({.rule = Concat("a pool of ", input.ToString(), " has a gradient of ", output.ToString()),
                   .received = inputs[0].ToString()});
    }
    return {{input, inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue epilogue) const override {
    return std::make_unique<PreparedPoolGradient>(SpecOf(op_, InputOf(inputs)), inputs[0].dtype, std::move(epilogue));
  }

  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inputs[0].dtype == DType::kFloat32; }

 private:
  // The input's shape, with as many samples as the gradient has.
  Shape InputOf(std::span<const TensorType> inputs) const {
    std::vector<int64_t> lengths(input_.lengths().begin(), input_.lengths().end());
    if (inputs[0].shape.rank() > 0) lengths[0] = inputs[0].shape[0];
    return Shape(lengths);
  }

  PoolOp op_;
  Shape input_;
};

class PoolOperation : public Operation, public IsPool {
 public:
  explicit PoolOperation(PoolOp attributes) : op_(std::move(attributes)) {
    if (op_.strides.empty()) op_.strides = op_.sizes;
  }

  std::string_view type() const override { return op_.kind == PoolKind::kMax ? "MaxPool" : "AveragePool"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    const PoolSpec spec = SpecOf(op_, inputs[0].shape);
    spec.Check();
    return {{spec.OutputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return std::make_unique<PreparedPool>(SpecOf(op_, inputs[0].shape), inputs[0].dtype);
  }

  PoolSpec Pooling(std::span<const TensorType> inputs) const override { return SpecOf(op_, inputs[0].shape); }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const PoolSpec spec = SpecOf(op_, inputs[0].shape);
    InputReads x{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (int i = 0; i < spec.rank; ++i) {
      x.axes.push_back(PlacesSeen(1 + i, spec.axes[3 - spec.rank + i], spec.pad_mode));
    }
    x.axes.push_back(AxisReads::Same(1 + spec.rank));
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const PoolSpec spec = SpecOf(op_, inputs[0]->shape());
    const std::vector<int64_t> at = PlacesOf(element, spec.OutputShape());
    const bool average = op_.kind == PoolKind::kAverage;
    const int64_t pixels = spec.InputShape().NumElements() / (spec.batch * spec.channels);
    Arithmetic result{.rule = average ? Arithmetic::Rule::kSum : Arithmetic::Rule::kMaximum,
                      .formula = average ? "mean of the window" : "largest of the window",
                      .has_places = true};
    int64_t counted = 0;
    ForWindow(spec.axes, spec.pad_mode, SpatialPlaces(at), [&](int64_t, int64_t pixel) {
      counted += pixel >= 0 || (pixel == -1 && spec.count_include_pad);
      result.terms.push_back(pixel < 0 ? ArithmeticTerm{}
                                       : TermOf(inputs, 0, (at[0] * pixels + pixel) * spec.channels + at.back()));
    });
    std::vector<int64_t> lengths;
    for (size_t k = 3 - static_cast<size_t>(spec.rank); k < 3; ++k) lengths.push_back(spec.axes[k].size);
    lengths.push_back(1);
    result.window = Shape(lengths);
    if (average) {
      result.numbers.emplace_back("values counted", static_cast<double>(counted));
      for (ArithmeticTerm& term : result.terms) term.weight = 1 / static_cast<double>(counted);
    }
    return Finished(std::move(result), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape input = node.builder.graph()[node.inputs[0]].type.shape;
    std::vector<std::string> reads = {node.output_gradients[0]};
    if (op_.kind == PoolKind::kMax) reads.push_back(node.inputs[0]);
    node.builder.Add(node.names[0], std::make_shared<PoolGradientOperation>(op_, input), reads);
    return {node.names[0]};
  }

 private:
  PoolOp op_;
};

}  // namespace

PoolOp::operator OperationPtr() const {
  return std::make_shared<PoolOperation>(*this);
}

}  // namespace convscope
