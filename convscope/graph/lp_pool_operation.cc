#include "convscope/graph/lp_pool_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/pool_window.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 13;  // values read: some microseconds of work

double Power(double value, int64_t p) {
  return p == 1 ? value : p == 2 ? value * value : std::pow(value, static_cast<double>(p));
}

double Root(double value, int64_t p) {
  return p == 1 ? value : p == 2 ? std::sqrt(value) : std::pow(value, 1 / static_cast<double>(p));
}

int64_t Taps(const PoolSpec& spec) {
  return spec.axes[0].size * spec.axes[1].size * spec.axes[2].size;
}

template <typename T>
void LpPool(const PoolSpec& spec, int64_t p, const T* x, T* y) {
  const int64_t pixels = OutputPixels(spec), channels = spec.channels;
  ParallelRanges(spec.batch * pixels, kGrain / (Taps(spec) * channels) + 1, [&](int64_t begin, int64_t end) {
    std::vector<double> sums(static_cast<size_t>(channels));
    for (int64_t i = begin; i < end; ++i) {
      std::fill(sums.begin(), sums.end(), 0);
      const T* picture = x + i / pixels * InputPixels(spec) * channels;
      ForPixels(spec, i % pixels, [&](int64_t pixel) {
        const T* from = picture + pixel * channels;
        for (int64_t c = 0; c < channels; ++c) sums[c] += Power(std::abs(static_cast<double>(from[c])), p);
      });
      for (int64_t c = 0; c < channels; ++c) y[i * channels + c] = static_cast<T>(Root(sums[c], p));
    }
  });
}

// d y / d x = sign(x) (|x| / y)^(p - 1), and 0 where y is. Each thread owns some channels of a picture.
template <typename T>
void Gradient(const PoolSpec& spec, int64_t p, const T* g, const T* x, const T* y, T* dx) {
  constexpr int64_t kChannels = 16;
  const int64_t strips = (spec.channels + kChannels - 1) / kChannels, channels = spec.channels;
  const int64_t inside = InputPixels(spec), outside = OutputPixels(spec);
  ParallelFor(spec.batch * strips, [&](int64_t i) {
    const int64_t sample = i / strips, first = i % strips * kChannels, count = std::min(kChannels, channels - first);
    const int64_t input = sample * inside * channels + first, output = sample * outside * channels + first;
    for (int64_t pixel = 0; pixel < inside; ++pixel) std::fill_n(dx + input + pixel * channels, count, T{0});
    for (int64_t o = 0; o < outside; ++o) {
      const T *seed = g + output + o * channels, *norm = y + output + o * channels;
      ForPixels(spec, o, [&](int64_t pixel) {
        for (int64_t c = 0; c < count; ++c) {
          const int64_t at = input + pixel * channels + c;
          if (norm[c] == 0) continue;
          const double value = x[at], sign = (value > 0) - (value < 0);
          dx[at] += static_cast<T>(seed[c] * sign * Power(std::abs(value) / norm[c], p - 1));
        }
      });
    }
  });
}

std::vector<Attribute> AttributesOf(const LpPoolOp& op) {
  std::vector<Attribute> list = WindowAttributes(op);
  list.insert(list.begin(), {"p", op.p});
  return list;
}

// Inputs: the gradient of the output, the input and the output.
class LpPoolGradient : public Operation {
 public:
  explicit LpPoolGradient(LpPoolOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "LpPoolGradient"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 3, 3);
    CheckFloating(inputs);
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([spec = SpecOf(op_, inputs[1].shape), p = op_.p, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        Gradient(spec, p, static_cast<const T*>(from[0]), static_cast<const T*>(from[1]),
                 static_cast<const T*>(from[2]), static_cast<T*>(to[0]));
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  LpPoolOp op_;
};

class LpPoolOperation : public Operation {
 public:
  explicit LpPoolOperation(LpPoolOp op) : op_(std::move(op)) {
    if (op_.strides.empty()) op_.strides = op_.sizes;
  }

  std::string_view type() const override { return "LpPool"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    if (op_.p < 1) throw Error({.rule = "p is 1 or more", .received = std::to_string(op_.p)});
    const PoolSpec spec = SpecOf(op_, inputs[0].shape);
    spec.Check();
    return {{spec.OutputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([spec = SpecOf(op_, inputs[0].shape), p = op_.p, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      dtype == DType::kFloat32 ? LpPool(spec, p, static_cast<const float*>(from[0]), static_cast<float*>(to[0]))
                               : LpPool(spec, p, static_cast<const double*>(from[0]), static_cast<double*>(to[0]));
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return {PoolReads(SpecOf(op_, inputs[0].shape))};
  }

  // Powers, sum and root are computed in double.
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const PoolSpec spec = SpecOf(op_, inputs[0]->shape());
    const int64_t channel = element % spec.channels, output = element / spec.channels;
    Arithmetic norm{.rule = Arithmetic::Rule::kFunction, .formula = "(sum of |x|^p over the window)^(1/p)"};
    double sum = 0;
    ForPixels(spec, output % OutputPixels(spec), [&](int64_t pixel) {
      const int64_t of_picture = output / OutputPixels(spec) * InputPixels(spec) + pixel;
      norm.terms.push_back(TermOf(inputs, 0, of_picture * spec.channels + channel));
      sum += Power(std::abs(norm.terms.back().value), op_.p);
    });
    norm.window = Shape{static_cast<int64_t>(norm.terms.size())};
    norm.numbers = {{"p", static_cast<double>(op_.p)}, {"sum of |x|^p", sum}};
    norm.value = Root(sum, op_.p);
    norm.tolerance = 4 * UnitRoundoff(inputs[0]->dtype()) * norm.value;
    return norm;
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], std::make_shared<LpPoolGradient>(op_),
                     {node.output_gradients[0], node.inputs[0], node.outputs[0]});
    return {node.names[0]};
  }

 private:
  LpPoolOp op_;
};

}  // namespace

LpPoolOp::operator OperationPtr() const {
  return std::make_shared<LpPoolOperation>(*this);
}

}  // namespace convscope
