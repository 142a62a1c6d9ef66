#include "convscope/graph/batch_normalization_operation.h"

#include <cmath>
#include <type_traits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/internal/channel_parameters.h"

namespace convscope {
namespace {

// Where each input of a node stands; -1: it has none.
struct Places {
  explicit Places(const BatchNormalizationOp& op)
      : gamma(op.scale ? 1 : -1), beta(op.center ? (op.scale ? 2 : 1) : -1), mean(1 + op.scale + op.center) {}
  int gamma, beta, mean;
  int variance() const { return mean + 1; }
  size_t count() const { return static_cast<size_t>(mean) + 2; }
};

void Check(const BatchNormalizationOp& op, std::span<const TensorType> inputs) {
  const size_t count = Places(op).count();
  CheckInputCount(inputs, count, count);
  CheckChannelParameters(inputs);
  if (!(op.epsilon > 0)) throw Error({.rule = "epsilon is above 0", .received = ShortestText(op.epsilon)});
  if (!(op.momentum >= 0 && op.momentum <= 1)) {
    throw Error({.rule = "momentum is 0 to 1", .received = ShortestText(op.momentum)});
  }
}

std::vector<Attribute> AttributesOf(const BatchNormalizationOp& op) {
  return {{"epsilon", op.epsilon}, {"momentum", op.momentum}, {"center", op.center}, {"scale", op.scale}};
}

// gamma / sqrt(variance + epsilon), one a channel.
template <typename T, typename Variance>
std::vector<T> Scales(double epsilon, const T* gamma, const Variance* variance, int64_t channels) {
  std::vector<T> scales(channels);
  for (int64_t c = 0; c < channels; ++c) {
    scales[c] = static_cast<T>((gamma ? gamma[c] : 1) / std::sqrt(static_cast<double>(variance[c]) + epsilon));
  }
  return scales;
}

// The gradients of one node, all from two sums a channel, of g and of g (x - mean), g the gradient of y.
//
// Inference: y is linear in x, gamma and beta; the moving statistics are inputs as any others.
// Training: the mean and the variance depend on x; with r = 1 / sqrt(variance + epsilon) and n values a channel,
//   dx = gamma r (g - sum(g) / n - (x - mean) r^2 sum(g (x - mean)) / n)   (Ioffe and Szegedy 2015, section 3).
//
// Inputs: g, x, mean, variance, [gamma]. Outputs: gradients of x, gamma, beta, mean, variance, as `wanted` has them.
class GradientOperation : public Operation {
 public:
  enum Wanted { kX, kGamma, kBeta, kMean, kVariance, kCount };

  GradientOperation(const BatchNormalizationOp& op, bool training, std::vector<bool> wanted)
      : op_(op), training_(training), wanted_(std::move(wanted)) {}

  std::string_view type() const override { return "BatchNormalizationGradient"; }
  std::vector<Attribute> attributes() const override { return {{"epsilon", op_.epsilon}, {"training", training_}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 4, 5);
    CheckChannelParameters(inputs.subspan(1));
    std::vector<TensorType> types;
    for (int i = 0; i < kCount; ++i) {
      if (wanted_[i]) types.push_back(inputs[i == kX ? 1 : 2]);
    }
    return types;
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, training = training_, wanted = wanted_, type = inputs[1]](
                            std::span<const void* const> from, std::span<void* const> to) {
      void* targets[kCount] = {};
      for (int i = 0, k = 0; i < kCount; ++i) {
        if (wanted[i]) targets[i] = to[k++];
      }
      type.dtype == DType::kFloat32 ? Compute<float>(op, training, type.shape, from, targets)
                                    : Compute<double>(op, training, type.shape, from, targets);
    });
  }

 private:
  template <typename T>
  static void Compute(const BatchNormalizationOp& op, bool training, const Shape& shape,
                      std::span<const void* const> from, void* const* to) {
    const ChannelRows size(shape);
    if (size.rows == 0) return;
    const auto input = [&](size_t i) { return static_cast<const T*>(from[i]); };
    const T *g = input(0), *x = input(1), *mean = input(2), *variance = input(3);
    const T* gamma = from.size() > 4 ? input(4) : nullptr;
    const std::vector<T> scales = Scales(op.epsilon, gamma, variance, size.channels);
    std::vector<double> sum(size.channels), products(size.channels);
    ChannelArithmetic<T>::Sums(g, x, mean, size.rows, size.channels, sum.data(), products.data());

    std::vector<T> scale_x(size.channels), offset(size.channels);
    for (int64_t c = 0; c < size.channels; ++c) {
      const double inverse = 1 / (static_cast<double>(variance[c]) + op.epsilon);  // r^2
      const double scale = scales[c];
      const auto put = [&](Wanted which, double value) {
        if (to[which]) static_cast<T*>(to[which])[c] = static_cast<T>(value);
      };
      put(kGamma, products[c] * std::sqrt(inverse));
      put(kBeta, sum[c]);
      put(kMean, -scale * sum[c]);
      put(kVariance, -scale * inverse * products[c] / 2);
      if (!training) continue;
      const auto n = static_cast<double>(size.rows);
      scale_x[c] = static_cast<T>(-scale * inverse * products[c] / n);
      offset[c] = static_cast<T>(-scale * sum[c] / n);
    }
    if (!to[kX]) return;
    T* dx = static_cast<T*>(to[kX]);
    if (training) {
      ChannelArithmetic<T>::AffineOfTwo(g, x, mean, scales.data(), scale_x.data(), offset.data(), size.rows,
                                        size.channels, dx);
    } else {
      const std::vector<T> zeros(size.channels);
      ChannelArithmetic<T>::Affine(g, zeros.data(), scales.data(), zeros.data(), size.rows, size.channels, dx);
    }
  }

  BatchNormalizationOp op_;
  bool training_;
  std::vector<bool> wanted_;
};

// Adds the node above; `mean` and `variance` are the statistics that y was computed with. The gradients of those are
// given out where they are inputs of the node, that is in inference.
std::vector<std::string> AddGradients(const BatchNormalizationOp& op, const NodeGradient& node, const std::string& mean,
                                      const std::string& variance, bool training) {
  const Places places(op);
  const int place_of[GradientOperation::kCount] = {0, places.gamma, places.beta, training ? -1 : places.mean,
                                                   training ? -1 : places.variance()};
  std::vector<std::string> gradients(node.inputs.size()), outputs;
  std::vector<bool> wanted;
  for (const int place : place_of) {
    wanted.push_back(place >= 0 && !node.names[place].empty());
    if (wanted.back()) outputs.push_back(gradients[place] = node.names[place]);
  }
  if (outputs.empty()) return gradients;
  std::vector<std::string> inputs = {node.output_gradients[0], node.inputs[0], mean, variance};
  if (op.scale) inputs.push_back(node.inputs[places.gamma]);
  node.builder.Add(outputs[0], std::make_shared<GradientOperation>(op, training, wanted), inputs, outputs);
  return gradients;
}

// y by given statistics. T is the type of the data, Statistic that of mean and variance.
template <typename T, typename Statistic>
void Normalize(const BatchNormalizationOp& op, const ChannelRows& size, std::span<const void* const> from,
               const Statistic* mean, const Statistic* variance, void* y) {
  const Places places(op);
  const auto parameter = [&](int place) { return place < 0 ? nullptr : static_cast<const T*>(from[place]); };
  const std::vector<T> scales = Scales(op.epsilon, parameter(places.gamma), variance, size.channels);
  const std::vector<T> centers(mean, mean + size.channels);
  const std::vector<T> zeros(size.channels);
  const T* beta = places.beta < 0 ? zeros.data() : parameter(places.beta);
  ChannelArithmetic<T>::Affine(static_cast<const T*>(from[0]), centers.data(), scales.data(), beta, size.rows,
                               size.channels, static_cast<T*>(y));
}

// Outputs: y, batch mean, batch variance, next moving mean, next moving variance.
class BatchNormalizationTraining : public Operation {
 public:
  explicit BatchNormalizationTraining(const BatchNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "BatchNormalizationTraining"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    Check(op_, inputs);
    if (inputs[0].shape.NumElements() == 0) {
      throw Error({.rule = "a batch has values to take the mean of", .received = inputs[0].ToString()});
    }
    const TensorType& statistic = inputs[1];
    return {inputs[0], statistic, statistic, statistic, statistic};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      type.dtype == DType::kFloat32 ? Compute<float>(op, type.shape, from, to)
                                    : Compute<double>(op, type.shape, from, to);
    });
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    for (size_t i = 1; i < node.output_gradients.size(); ++i) {
      if (node.output_gradients[i].empty()) continue;
      throw Error({.rule = "a gradient of batch normalization is that of its first output",
                   .received = "one of " + node.outputs[i]});
    }
    return AddGradients(op_, node, node.outputs[1], node.outputs[2], true);
  }

 private:
  template <typename T>
  static void Compute(const BatchNormalizationOp& op, const Shape& shape, std::span<const void* const> from,
                      std::span<void* const> to) {
    const ChannelRows size(shape);
    const Places places(op);
    std::vector<double> statistics[2] = {std::vector<double>(size.channels), std::vector<double>(size.channels)};
    ChannelArithmetic<T>::Moments(static_cast<const T*>(from[0]), size.rows, size.channels, statistics[0].data(),
                                  statistics[1].data());
    for (const int i : {0, 1}) {
      const T* moving = static_cast<const T*>(from[places.mean + i]);
      T *of_batch = static_cast<T*>(to[1 + i]), *next = static_cast<T*>(to[3 + i]);
      for (int64_t c = 0; c < size.channels; ++c) {
        of_batch[c] = static_cast<T>(statistics[i][c]);
        next[c] = static_cast<T>(op.momentum * moving[c] + (1 - op.momentum) * statistics[i][c]);
      }
    }
    Normalize<T>(op, size, from, statistics[0].data(), statistics[1].data(), to[0]);
  }

  BatchNormalizationOp op_;
};

class BatchNormalization : public Operation, public IsChannelLine {
 public:
  explicit BatchNormalization(const BatchNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "BatchNormalization"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    Check(op_, inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, type = inputs[0], places = Places(op_)](std::span<const void* const> from,
                                                                           std::span<void* const> to) {
      const ChannelRows size(type.shape);
      if (size.rows == 0) return;
      const auto normalize = [&](auto zero) {
        using T = decltype(zero);
        Normalize<T>(op, size, from, static_cast<const T*>(from[places.mean]),
                     static_cast<const T*>(from[places.variance()]), to[0]);
      };
      type.dtype == DType::kFloat32 ? normalize(0.0f) : normalize(0.0);
    });
  }

  std::optional<ChannelLine> Line(std::span<const TensorType> inputs, std::span<const Tensor* const> constants,
                                  size_t through) const override {
    if (through != 0) return std::nullopt;
    const Places places(op_);
    ChannelLine line;
    for (int64_t c = 0; c < inputs[0].shape.back(); ++c) {
      const auto parameter = [&](int place) { return ElementOf(*constants[place], c); };
      const double gamma = op_.scale ? parameter(places.gamma) : 1;
      line.scale.push_back(gamma / std::sqrt(parameter(places.variance()) + op_.epsilon));
      line.offset.push_back((op_.center ? parameter(places.beta) : 0) - parameter(places.mean) * line.scale.back());
    }
    return line;
  }

  // The operands are the inputs but x. What they come to is found anew for each piece, which is many pixels.
  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const override {
    if (inputs[0].dtype != DType::kFloat32 || written != 0) return {};
    return [op = op_, channels = inputs[0].shape.back()](float* values, int64_t, int64_t count,
                                                         std::span<const void* const> operands) {
      const Places places(op);
      const auto operand = [&](int place) { return static_cast<const float*>(operands[place - 1]); };
      const std::vector<float> scales =
          Scales(op.epsilon, op.scale ? operand(places.gamma) : nullptr, operand(places.variance()), channels);
      const std::vector<float> zeros(channels);
      ChannelAffineInPlace(operand(places.mean), scales.data(), op.center ? operand(places.beta) : zeros.data(),
                           count / channels, channels, values);
    };
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    std::vector<InputReads> reads(inputs.size());  // a parameter that is computed: all of it
    reads[0].kind = InputReads::Kind::kSameElements;
    return reads;
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Places places(op_);
    const int64_t channel = element % inputs[0]->shape().back();
    const auto parameter = [&](int place) { return ElementOf(*inputs[place], channel); };
    const double mean = parameter(places.mean), variance = parameter(places.variance());
    const double gamma = op_.scale ? parameter(places.gamma) : 1;
    const double scale = gamma / std::sqrt(variance + op_.epsilon);
    Arithmetic sum{.formula = "(x - mean) * gamma / sqrt(variance + epsilon) + beta",
                   .terms = {TermOf(inputs, 0, element, scale), TermOf(inputs, places.mean, channel, -scale)},
                   .window = Shape{2},
                   .numbers = {{"mean", mean},
                               {"variance", variance},
                               {"epsilon", op_.epsilon},
                               {"gamma", gamma},
                               {"gamma / sqrt(variance + epsilon)", scale}},
                   .through = 0};
    if (op_.center) sum.offsets.push_back(TermOf(inputs, places.beta, channel));
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Places places(op_);
    return AddGradients(op_, node, node.inputs[places.mean], node.inputs[places.variance()], false);
  }

  // A layer that is used twice moves its statistics twice, the second time from where the first has moved them to.
  void AddForTraining(const TrainingNode& node) const override {
    const Places places(op_);
    std::vector<std::string> inputs = node.inputs;
    std::vector<std::string> outputs = {node.outputs[0], node.name + "/batch_mean", node.name + "/batch_variance"};
    for (const int place : {places.mean, places.variance()}) {
      const auto moved = node.updates.find(node.inputs[place]);
      if (moved != node.updates.end()) inputs[place] = moved->second;
      outputs.push_back(inputs[place] + "/updated");
      node.updates[node.inputs[place]] = outputs.back();
    }
    node.builder.Add(node.name, std::make_shared<BatchNormalizationTraining>(op_), inputs, outputs);
  }

 private:
  BatchNormalizationOp op_;
};

}  // namespace

BatchNormalizationOp::operator OperationPtr() const {
  return std::make_shared<BatchNormalization>(*this);
}

}  // namespace convscope
