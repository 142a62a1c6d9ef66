#include "convscope/graph/normalization_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_parameters.h"

namespace convscope {
namespace {

// 1 / max(sqrt(variance), epsilon), one a channel.
template <typename T>
std::vector<T> Scales(double epsilon, const T* variance, int64_t channels) {
  std::vector<T> scales(channels);
  for (int64_t c = 0; c < channels; ++c) {
    const double deviation = std::sqrt(static_cast<double>(variance[c]));
    scales[c] = static_cast<T>(1 / (deviation < epsilon ? epsilon : deviation));  // a NaN stays
  }
  return scales;
}

// Inputs: g, the gradient of y; x, mean, variance. Outputs: the gradients of the last three, as `wanted` has them.
class NormalizationGradient : public Operation {
 public:
  NormalizationGradient(double epsilon, std::vector<bool> wanted) : epsilon_(epsilon), wanted_(std::move(wanted)) {}

  std::string_view type() const override { return "NormalizationGradient"; }
  std::vector<Attribute> attributes() const override { return {{"epsilon", epsilon_}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 4, 4);
    CheckChannelParameters(inputs.subspan(1));
    std::vector<TensorType> types;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i]) types.push_back(inputs[i + 1]);
    }
    return types;
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([epsilon = epsilon_, wanted = wanted_, type = inputs[1]](std::span<const void* const> from,
                                                                                 std::span<void* const> to) {
      void* targets[3] = {};
      for (size_t i = 0, k = 0; i < 3; ++i) {
        if (wanted[i]) targets[i] = to[k++];
      }
      type.dtype == DType::kFloat32 ? Compute<float>(epsilon, type.shape, from, targets)
                                    : Compute<double>(epsilon, type.shape, from, targets);
    });
  }

 private:
  template <typename T>
  static void Compute(double epsilon, const Shape& shape, std::span<const void* const> from, void* const* to) {
    const ChannelRows size(shape);
    const auto input = [&](size_t i) { return static_cast<const T*>(from[i]); };
    const T *g = input(0), *x = input(1), *mean = input(2), *variance = input(3);
    T *dx = static_cast<T*>(to[0]), *dmean = static_cast<T*>(to[1]), *dvariance = static_cast<T*>(to[2]);
    const std::vector<T> scales = Scales(epsilon, variance, size.channels);
    if (dx && size.rows > 0) {
      const std::vector<T> zeros(size.channels);
      ChannelArithmetic<T>::Affine(g, zeros.data(), scales.data(), zeros.data(), size.rows, size.channels, dx);
    }
    if (!dmean && !dvariance) return;
    std::vector<double> sum(size.channels), products(size.channels);
    if (size.rows > 0) {
      ChannelArithmetic<T>::Sums(g, x, mean, size.rows, size.channels, sum.data(), products.data());
    }
    for (int64_t c = 0; c < size.channels; ++c) {
      const double scale = scales[c];
      const bool held = std::sqrt(static_cast<double>(variance[c])) < epsilon;
      if (dmean) dmean[c] = static_cast<T>(-scale * sum[c]);
      if (dvariance) dvariance[c] = held ? T{0} : static_cast<T>(-scale * scale * scale * products[c] / 2);
    }
  }

  double epsilon_;
  std::vector<bool> wanted_;
};

class NormalizationOperation : public Operation {
 public:
  explicit NormalizationOperation(const NormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "Normalization"; }
  std::vector<Attribute> attributes() const override { return {{"epsilon", op_.epsilon}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    CheckChannelParameters(inputs);
    if (!(op_.epsilon > 0)) throw Error({.rule = "epsilon is above 0", .received = ShortestText(op_.epsilon)});
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom(
        [epsilon = op_.epsilon, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
          const ChannelRows size(type.shape);
          if (size.rows == 0) return;
          const auto compute = [&](auto zero) {
            using T = decltype(zero);
            const auto input = [&](size_t i) { return static_cast<const T*>(from[i]); };
            const std::vector<T> scales = Scales(epsilon, input(2), size.channels), zeros(size.channels);
            ChannelArithmetic<T>::Affine(input(0), input(1), scales.data(), zeros.data(), size.rows, size.channels,
                                         static_cast<T*>(to[0]));
          };
          type.dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
        });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    std::vector<InputReads> reads(inputs.size());  // a parameter that is computed: all of it
    reads[0].kind = InputReads::Kind::kSameElements;
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const int64_t channel = element % inputs[0]->shape().back();
    const double mean = ElementOf(*inputs[1], channel), variance = ElementOf(*inputs[2], channel);
    const double deviation = std::sqrt(variance), scale = 1 / (deviation < op_.epsilon ? op_.epsilon : deviation);
    Arithmetic sum{.formula = "(x - mean) / max(sqrt(variance), epsilon)",
                   .terms = {TermOf(inputs, 0, element, scale), TermOf(inputs, 1, channel, -scale)},
                   .window = Shape{2},
                   .numbers = {{"mean", mean}, {"variance", variance}, {"epsilon", op_.epsilon}},
                   .through = 0};
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> outputs;
    std::vector<bool> wanted;
    for (const std::string& name : node.names) {
      wanted.push_back(!name.empty());
      if (wanted.back()) outputs.push_back(name);
    }
    node.builder.Add(outputs[0], std::make_shared<NormalizationGradient>(op_.epsilon, wanted),
                     {node.output_gradients[0], node.inputs[0], node.inputs[1], node.inputs[2]}, outputs);
    return node.names;
  }

 private:
  NormalizationOp op_;
};

}  // namespace

NormalizationOp::operator OperationPtr() const {
  return std::make_shared<NormalizationOperation>(*this);
}

}  // namespace convscope
