#include "convscope/graph/group_normalization_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 14;  // elements: some microseconds of work

// x as (samples, pixels, channels), the channels in groups.
struct Sizes {
  int64_t samples = 1, pixels = 1, channels = 1, groups = 1;

  int64_t of_group() const { return channels / groups; }
  double count() const { return static_cast<double>(pixels * of_group()); }  // values of a mean
  // Pixels are summed in so many pieces, which depends on the shape alone.
  int64_t pieces() const {
    return std::clamp<int64_t>(pixels * channels / kGrain, 1, std::clamp<int64_t>(pixels, 1, 16));
  }
};

Sizes SizesOf(const GroupNormalizationOp& op, const Shape& x) {
  Sizes sizes{.samples = x[0], .channels = x.back()};
  for (int i = 1; i + 1 < x.rank(); ++i) sizes.pixels *= x[i];
  sizes.groups = op.groups == 0 ? sizes.channels : op.groups;
  return sizes;
}

// `inputs`: x, scale, bias.
void Check(const GroupNormalizationOp& op, std::span<const TensorType> inputs) {
  CheckInputCount(inputs, 3, 3);
  CheckFloating(inputs);
  const Shape& x = inputs[0].shape;
  if (x.rank() < 2 || x.NumElements() == 0) {
    throw Error({.rule = "the input has samples, pixels and channels", .received = x.ToString()});
  }
  const int64_t channels = x.back();
  if (op.groups < 0 || op.groups > channels || (op.groups > 0 && channels % op.groups != 0)) {
    throw Error({.rule = Concat("groups are equal shares of the ", channels, " channels; 0 is each channel alone"),
                 .received = std::to_string(op.groups)});
  }
  if (!(op.epsilon >= 0)) throw Error({.rule = "epsilon is 0 or more", .received = ShortestText(op.epsilon)});
  for (const TensorType& parameter : inputs.subspan(1)) {
    if (parameter.shape == Shape{channels}) continue;
    throw Error({.rule = Concat("for an input ", x.ToString(), " scale and bias are (", channels, ",)"),
                 .received = parameter.shape.ToString()});
  }
}

// The sum over pixels of term(element, group, channel), in double: (samples, channels).
template <typename Term>
std::vector<double> ChannelSums(const Sizes& sizes, const Term& term) {
  const int64_t pieces = sizes.pieces(), channels = sizes.channels;
  std::vector<double> parts(static_cast<size_t>(sizes.samples * pieces * channels));
  ParallelFor(sizes.samples * pieces, [&](int64_t i) {
    const int64_t sample = i / pieces, piece = i % pieces;
    double* sums = parts.data() + i * channels;
    for (int64_t p = sizes.pixels * piece / pieces; p < sizes.pixels * (piece + 1) / pieces; ++p) {
      const int64_t first = (sample * sizes.pixels + p) * channels;
      for (int64_t c = 0; c < channels; ++c) sums[c] += term(first + c, sample, c);
    }
  });
  std::vector<double> sums(static_cast<size_t>(sizes.samples * channels));
  for (int64_t sample = 0; sample < sizes.samples; ++sample) {
    for (int64_t piece = 0; piece < pieces; ++piece) {
      for (int64_t c = 0; c < channels; ++c) {
        sums[sample * channels + c] += parts[(sample * pieces + piece) * channels + c];
      }
    }
  }
  return sums;
}

// Each channel's number exchanged for the mean over its group of values, (samples, channels).
void ShareInGroups(const Sizes& sizes, std::vector<double>& sums) {
  const int64_t share = sizes.of_group();
  for (size_t first = 0; first < sums.size(); first += static_cast<size_t>(share)) {
    double sum = 0;
    for (int64_t c = 0; c < share; ++c) sum += sums[first + c];
    std::fill_n(sums.begin() + static_cast<int64_t>(first), share, sum / sizes.count());
  }
}

struct Statistics {
  std::vector<double> mean, inverse;  // (samples, channels); 1 / sqrt(variance + epsilon)
};

template <typename T>
Statistics StatisticsOf(const Sizes& sizes, double epsilon, const T* x) {
  Statistics statistics;
  statistics.mean = ChannelSums(sizes, [&](int64_t i, int64_t, int64_t) { return static_cast<double>(x[i]); });
  ShareInGroups(sizes, statistics.mean);
  const double* mean = statistics.mean.data();
  statistics.inverse = ChannelSums(sizes, [&](int64_t i, int64_t sample, int64_t c) {
    const double off = x[i] - mean[sample * sizes.channels + c];
    return off * off;
  });
  ShareInGroups(sizes, statistics.inverse);
  for (double& value : statistics.inverse) value = 1 / std::sqrt(value + epsilon);
  return statistics;
}

// body(element, number of its (sample, channel), channel) for all elements.
template <typename Body>
void ForElements(const Sizes& sizes, const Body& body) {
  ParallelRanges(sizes.samples * sizes.pixels, kGrain / sizes.channels + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t of_sample = row / sizes.pixels * sizes.channels;
      for (int64_t c = 0; c < sizes.channels; ++c) body(row * sizes.channels + c, of_sample + c, c);
    }
  });
}

template <typename T>
std::vector<T> As(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

template <typename T>
void Normalize(const Sizes& sizes, double epsilon, const T* x, const T* scale, const T* bias, T* y) {
  const Statistics statistics = StatisticsOf(sizes, epsilon, x);
  const std::vector<T> mean = As<T>(statistics.mean);
  std::vector<T> factor(statistics.inverse.size());
  for (size_t i = 0; i < factor.size(); ++i) {
    factor[i] = static_cast<T>(statistics.inverse[i] * scale[i % static_cast<size_t>(sizes.channels)]);
  }
  ForElements(sizes, [&](int64_t i, int64_t k, int64_t c) { y[i] = (x[i] - mean[k]) * factor[k] + bias[c]; });
}

// With h = (x - mean) r and g the gradient of y, r = 1 / sqrt(variance + epsilon), means over the group:
//   dx = r (g scale - mean(g scale) - h mean(g scale h)),  dscale = sum of g h,  dbias = sum of g.
// Any of dx, dscale, dbias may be null. Statistics are computed again: that is cheaper than keeping them.
template <typename T>
void Gradients(const Sizes& sizes, double epsilon, const T* g, const T* x, const T* scale, T* dx, T* dscale, T* dbias) {
  const int64_t channels = sizes.channels;
  const Statistics statistics = StatisticsOf(sizes, epsilon, x);
  std::vector<double> of_bias =
      ChannelSums(sizes, [&](int64_t i, int64_t, int64_t) { return static_cast<double>(g[i]); });
  std::vector<double> of_scale = ChannelSums(sizes, [&](int64_t i, int64_t sample, int64_t c) {
    const int64_t k = sample * channels + c;
    return g[i] * (x[i] - statistics.mean[k]) * statistics.inverse[k];
  });
  const auto put = [&](const std::vector<double>& sums, T* to) {
    for (int64_t c = 0; to && c < channels; ++c) {
      double sum = 0;
      for (int64_t sample = 0; sample < sizes.samples; ++sample) sum += sums[sample * channels + c];
      to[c] = static_cast<T>(sum);
    }
  };
  put(of_scale, dscale);
  put(of_bias, dbias);
  if (!dx) return;
  for (size_t i = 0; i < of_bias.size(); ++i) {
    const T factor = scale[i % static_cast<size_t>(channels)];
    of_bias[i] *= factor;
    of_scale[i] *= factor;
  }
  ShareInGroups(sizes, of_bias);
  ShareInGroups(sizes, of_scale);
  const std::vector<T> mean = As<T>(statistics.mean), inverse = As<T>(statistics.inverse);
  const std::vector<T> first = As<T>(of_bias), second = As<T>(of_scale);
  ForElements(sizes, [&](int64_t i, int64_t k, int64_t c) {
    const T normal = (x[i] - mean[k]) * inverse[k];
    dx[i] = inverse[k] * (g[i] * scale[c] - first[k] - normal * second[k]);
  });
}

std::vector<Attribute> AttributesOf(const GroupNormalizationOp& op) {
  return {{"groups", op.groups}, {"epsilon", op.epsilon}};
}

// Inputs: the gradient of y, and the inputs of the node. Outputs: gradients of those, as `wanted` has them.
class GroupNormalizationGradient : public Operation {
 public:
  GroupNormalizationGradient(const GroupNormalizationOp& op, std::vector<bool> wanted)
      : op_(op), wanted_(std::move(wanted)) {}

  std::string_view type() const override { return "GroupNormalizationGradient"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 4, 4);
    Check(op_, inputs.subspan(1));
    std::vector<TensorType> types;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i]) types.push_back(inputs[i + 1]);
    }
    return types;
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([epsilon = op_.epsilon, sizes = SizesOf(op_, inputs[1].shape), wanted = wanted_,
                         dtype = inputs[0].dtype](std::span<const void* const> from, std::span<void* const> to) {
      void* targets[3] = {};  // of x, scale, bias
      for (size_t i = 0, k = 0; i < wanted.size(); ++i) {
        if (wanted[i]) targets[i] = to[k++];
      }
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        Gradients(sizes, epsilon, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                  static_cast<const T*>(from[2]), static_cast<T*>(targets[0]), static_cast<T*>(targets[1]),
                  static_cast<T*>(targets[2]));
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  GroupNormalizationOp op_;
  std::vector<bool> wanted_;
};

class GroupNormalizationOperation : public Operation {
 public:
  explicit GroupNormalizationOperation(const GroupNormalizationOp& op) : op_(op) {}

  std::string_view type() const override { return "GroupNormalization"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    Check(op_, inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([epsilon = op_.epsilon, sizes = SizesOf(op_, inputs[0].shape), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        Normalize(sizes, epsilon, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                  static_cast<const T*>(from[2]), static_cast<T*>(to[0]));
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& shape = inputs[0].shape;
    const int last = shape.rank() - 1;
    InputReads x{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (int i = 1; i < last; ++i) x.axes.push_back(AxisReads::All(shape[i]));
    const Sizes sizes = SizesOf(op_, shape);
    x.axes.push_back(AxisReads::Groups(last, sizes.channels, sizes.channels, sizes.groups));
    const InputReads parameter{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(last)}};
    return {std::move(x), parameter, parameter};
  }

  // The mean is that of the values of the group; each rounding of it moves x - mean.
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Sizes sizes = SizesOf(op_, inputs[0]->shape());
    const int64_t c = element % sizes.channels, share = sizes.of_group();
    const int64_t first = element / (sizes.pixels * sizes.channels) * sizes.pixels * sizes.channels + c / share * share;
    const auto mean_of = [&](const auto& term) {
      double sum = 0;
      for (int64_t i = 0; i < sizes.pixels * share; ++i) {
        sum += term(ElementOf(*inputs[0], first + i / share * sizes.channels + i % share));
      }
      return sum / sizes.count();
    };
    const double mean = mean_of([](double value) { return value; });
    const double variance = mean_of([&](double value) { return (value - mean) * (value - mean); });
    const double inverse = 1 / std::sqrt(variance + op_.epsilon), scale = ElementOf(*inputs[1], c);
    const double weight = scale * inverse;
    Arithmetic sum{.formula = "(x - mean) * scale / sqrt(variance + epsilon) + bias",
                   .terms = {TermOf(inputs, 0, element, weight), {.value = mean, .weight = -weight}},
                   .window = Shape{2},
                   .offsets = {TermOf(inputs, 2, c)},
                   .numbers = {{"values in the group", sizes.count()},
                               {"mean", mean},
                               {"1 / sqrt(variance + epsilon)", inverse},
                               {"scale", scale}},
                   .through = 0};
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> inputs = {node.output_gradients[0]}, outputs;
    inputs.insert(inputs.end(), node.inputs.begin(), node.inputs.end());
    std::vector<bool> wanted;
    for (const std::string& name : node.names) {
      wanted.push_back(!name.empty());
      if (wanted.back()) outputs.push_back(name);
    }
    node.builder.Add(outputs[0], std::make_shared<GroupNormalizationGradient>(op_, wanted), inputs, outputs);
    return node.names;
  }

 private:
  GroupNormalizationOp op_;
};

}  // namespace

GroupNormalizationOp::operator OperationPtr() const {
  return std::make_shared<GroupNormalizationOperation>(*this);
}

}  // namespace convscope
