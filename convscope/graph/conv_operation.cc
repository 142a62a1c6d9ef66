#include "convscope/graph/conv_operation.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/conv_gradient_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/internal/fast_form.h"
#include "convscope/graph/prepared_conv.h"
#include "convscope/graph/sliding_window.h"

namespace convscope {
namespace {

class ConvOperation : public Operation, public TakesChannelLine, public HasFastForm {
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
    return PrepareConv(Spec(inputs), inputs[0].dtype, constants, std::move(epilogue));
  }

  std::unique_ptr<PreparedOperation> PrepareFast(std::span<const TensorType> inputs,
                                                 std::span<const Tensor* const> constants,
                                                 Epilogue& epilogue) const override {
    return PrepareFastConv(Spec(inputs), inputs[0].dtype, constants, epilogue);
  }

  std::unique_ptr<PreparedOperation> PreparePooled(std::span<const TensorType> inputs,
                                                   std::span<const Tensor* const> constants, Epilogue& epilogue,
                                                   const PoolSpec& pool) const override {
    return PreparePooledConv(Spec(inputs), inputs[0].dtype, constants, epilogue, pool);
  }

  // One pass over x and dy gives the gradients of kernel and bias, where both are wanted.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<TensorType> types;
    for (const std::string& input : node.inputs) types.push_back(node.builder.graph()[input].type);
    const ConvSpec spec = Spec(types);
    const std::string& dy = node.output_gradients[0];
    const std::string& dx = node.names[0];
    const std::string& dkernel = node.names[1];
    const std::string dbias = node.names.size() > 2 ? node.names[2] : "";
    if (!dx.empty()) node.builder.Add(dx, ConvInputGradientOperation(spec, attributes()), {dy, node.inputs[1]});
    if (!dkernel.empty()) {
      std::vector<std::string> outputs = {dkernel};
      if (!dbias.empty()) outputs.push_back(dbias);
      const bool both = outputs.size() > 1;
      node.builder.Add(dkernel, ConvKernelGradientOperation(spec, both, attributes()), {node.inputs[0], dy}, outputs);
    } else if (!dbias.empty()) {
      node.builder.Add(dbias, BiasGradientOperation(), {dy});
    }
    return node.names;
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const ConvSpec spec = Spec(inputs);
    InputReads x{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (int i = 0; i < spec.rank; ++i) {
      x.axes.push_back(PlacesSeen(1 + i, spec.axes[3 - spec.rank + i], spec.pad_mode));
    }
    x.axes.push_back(AxisReads::Groups(1 + spec.rank, spec.filters, spec.channels, spec.groups));
    std::vector<InputReads> reads(inputs.size());
    reads[0] = std::move(x);
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const ConvSpec spec = Spec(std::vector<TensorType>{{inputs[0]->shape()}, {inputs[1]->shape()}});
    const std::vector<int64_t> at = PlacesOf(element, spec.OutputShape());
    const int64_t filter = at.back(), channels = spec.channels_per_group();
    const int64_t first_channel = filter / spec.filters_per_group() * channels;
    const Shape& kernel = inputs[1]->shape();
    const int64_t taps = kernel.NumElements() / (channels * spec.filters);
    const int64_t pixels = spec.InputShape().NumElements() / (spec.batch * spec.channels);
    Arithmetic sum{.formula = op_.flip_kernel ? "sum of input x flipped kernel" : "sum of input x kernel",
                   .window = Shape(kernel.lengths().first(kernel.rank() - 1)),
                   .has_places = true};
    ForWindow(spec.axes, spec.pad_mode, SpatialPlaces(at), [&](int64_t tap, int64_t pixel) {
      const int64_t weight = (spec.flip_kernel ? taps - 1 - tap : tap) * channels * spec.filters + filter;
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t from = (at[0] * pixels + pixel) * spec.channels + first_channel + c;
        const int64_t times = weight + c * spec.filters;
        sum.terms.push_back(
            pixel < 0
                ? ArithmeticTerm{.weight_input = 1, .weight_element = times, .weight = ElementOf(*inputs[1], times)}
                : TermOf(inputs, 0, from, 1, times));
      }
    });
    if (inputs.size() > 2) {
      sum.formula += " + bias";
      sum.offsets.push_back(TermOf(inputs, 2, filter));
    }
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inputs[0].dtype == DType::kFloat32; }

  std::optional<int> KernelAxis(std::span<const TensorType> inputs) const override {
    return inputs[1].shape.rank() - 1;
  }

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
