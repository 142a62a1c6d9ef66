#include "convscope/graph/global_pool_operation.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/reference/pool.h"

namespace convscope {
namespace {

constexpr int64_t kPiece = int64_t{1} << 15;  // values: some microseconds of work

// x (N, spatial..., C): a task is some pixels of one sample, cut by the shape alone.
struct PooledShape {
  explicit PooledShape(const Shape& x) : samples(x[0]), channels(x.back()) {
    for (int i = 1; i + 1 < x.rank(); ++i) pixels *= x[i];
    pieces = std::clamp<int64_t>(pixels * channels / kPiece, 1, 64);
  }

  // Calls body(sample, piece, first pixel, past the last one).
  template <typename Body>
  void ForPieces(const Body& body) const {
    const int64_t together = kPiece / std::max<int64_t>(pixels * channels, 1) + 1;  // small samples a thread
    ParallelRanges(samples * pieces, together, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t piece = i % pieces;
        body(i / pieces, piece, pixels * piece / pieces, pixels * (piece + 1) / pieces);
      }
    });
  }

  int64_t samples, channels, pixels = 1;
  int64_t pieces;  // of a sample
};

// Sums of four pixels in T, their sum in double: plain loops along the channels.
template <typename T>
void Average(const PooledShape& shape, const T* x, T* y) {
  const int64_t channels = shape.channels;
  std::vector<double> sums(shape.samples * shape.pieces * channels);
  shape.ForPieces([&](int64_t sample, int64_t piece, int64_t begin, int64_t end) {
    double* to = sums.data() + (sample * shape.pieces + piece) * channels;
    const T* from = x + (sample * shape.pixels + begin) * channels;
    int64_t p = begin;
    for (; p + 4 <= end; p += 4, from += 4 * channels) {
      const T *second = from + channels, *third = second + channels, *fourth = third + channels;
      for (int64_t c = 0; c < channels; ++c) to[c] += (from[c] + second[c]) + (third[c] + fourth[c]);
    }
    for (; p < end; ++p, from += channels) {
      for (int64_t c = 0; c < channels; ++c) to[c] += from[c];
    }
  });
  for (int64_t i = 0; i < shape.samples * channels; ++i) {
    const double* of_pieces = sums.data() + i / channels * shape.pieces * channels + i % channels;
    double sum = 0;
    for (int64_t piece = 0; piece < shape.pieces; ++piece) sum += of_pieces[piece * channels];
    y[i] = static_cast<T>(sum / static_cast<double>(shape.pixels));
  }
}

// One window over all pixels, laid out in a line.
template <typename T>
void Maximum(const PooledShape& shape, const T* x, T* y) {
  if (shape.samples == 0 || shape.channels == 0) return;
  PoolSpec spec{.kind = PoolKind::kMax, .rank = 1, .batch = shape.samples, .channels = shape.channels};
  spec.axes[2] = {.in = shape.pixels, .size = shape.pixels};
  if constexpr (std::is_same_v<T, float>) {
    convscope::Pool(spec, x, y);
  } else {
    reference::Pool(spec, x, y);
  }
}

template <typename T>
void AverageGradient(const PooledShape& shape, const T* dy, T* dx) {
  const T share = static_cast<T>(1 / static_cast<double>(shape.pixels));
  shape.ForPieces([&](int64_t sample, int64_t, int64_t begin, int64_t end) {
    const T* from = dy + sample * shape.channels;
    for (int64_t p = begin; p < end; ++p) {
      T* to = dx + (sample * shape.pixels + p) * shape.channels;
      for (int64_t c = 0; c < shape.channels; ++c) to[c] = from[c] * share;
    }
  });
}

// Whoever is the maximum gets an even share. Where the maximum is NaN nobody is: 0 / 0 is a NaN for all.
template <typename T>
void MaximumGradient(const PooledShape& shape, const T* dy, const T* x, const T* y, T* dx) {
  const int64_t channels = shape.channels;
  ParallelRanges(shape.samples, kPiece / (shape.pixels * channels) + 1, [&](int64_t first, int64_t last) {
    std::vector<T> share(channels);
    for (int64_t n = first; n < last; ++n) {
      std::fill(share.begin(), share.end(), T{0});
      const T* of_sample = x + n * shape.pixels * channels;
      const T* top = y + n * channels;
      for (int64_t p = 0; p < shape.pixels; ++p) {
        for (int64_t c = 0; c < channels; ++c) share[c] += of_sample[p * channels + c] == top[c] ? T{1} : T{0};
      }
      for (int64_t c = 0; c < channels; ++c) share[c] = share[c] == 0 ? top[c] : dy[n * channels + c] / share[c];
      T* to = dx + n * shape.pixels * channels;
      for (int64_t p = 0; p < shape.pixels; ++p) {
        for (int64_t c = 0; c < channels; ++c) {
          const bool is_top = of_sample[p * channels + c] == top[c] || top[c] != top[c];
          to[p * channels + c] = is_top ? share[c] : T{0};
        }
      }
    }
  });
}

// Inputs: the gradient of y; for the maximum x and y as well. Output: the gradient of x, of the shape told.
class GlobalPoolGradient : public Operation {
 public:
  GlobalPoolGradient(PoolKind kind, Shape x) : kind_(kind), x_(x) {}

  std::string_view type() const override {
    return kind_ == PoolKind::kMax ? "GlobalMaxPoolGradient" : "GlobalAveragePoolGradient";
  }
  std::vector<Attribute> attributes() const override {
    return {{"shape", std::vector<int64_t>(x_.lengths().begin(), x_.lengths().end())}};
  }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    const size_t count = kind_ == PoolKind::kMax ? 3 : 1;
    CheckInputCount(inputs, count, count);
    CheckFloating(inputs);
    return {{x_, inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([kind = kind_, shape = PooledShape(x_), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        const auto input = [&](size_t i) { return static_cast<const T*>(from[i]); };
        if (kind == PoolKind::kMax) {
          MaximumGradient(shape, input(0), input(1), input(2), static_cast<T*>(to[0]));
        } else {
          AverageGradient(shape, input(0), static_cast<T*>(to[0]));
        }
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

 private:
  PoolKind kind_;
  Shape x_;
};

class GlobalPoolOperation : public Operation {
 public:
  explicit GlobalPoolOperation(const GlobalPoolOp& op) : op_(op) {}

  std::string_view type() const override { return op_.kind == PoolKind::kMax ? "GlobalMaxPool" : "GlobalAveragePool"; }
  std::vector<Attribute> attributes() const override { return {{"keep_axes", op_.keep_axes}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    const Shape& x = inputs[0].shape;
    if (x.rank() < 3 || std::count(x.lengths().begin() + 1, x.lengths().end(), 0) > 0) {
      throw Error({.rule = "the input is (N, spatial..., C), with a pixel at least", .received = x.ToString()});
    }
    std::vector<int64_t> lengths(x.rank(), 1);
    if (!op_.keep_axes) lengths.resize(2);
    lengths.front() = x[0];
    lengths.back() = x.back();
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([kind = op_.kind, shape = PooledShape(inputs[0].shape), dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto compute = [&](auto zero) {
        using T = decltype(zero);
        const T* x = static_cast<const T*>(from[0]);
        T* y = static_cast<T*>(to[0]);
        kind == PoolKind::kMax ? Maximum(shape, x, y) : Average(shape, x, y);
      };
      dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& x = inputs[0].shape;
    InputReads reads{.kind = InputReads::Kind::kAxes, .axes = {AxisReads::Same(0)}};
    for (int axis = 1; axis + 1 < x.rank(); ++axis) reads.axes.push_back(AxisReads::All(x[axis]));
    reads.axes.push_back(AxisReads::Same(op_.keep_axes ? x.rank() - 1 : 1));
    return {std::move(reads)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const PooledShape shape(inputs[0]->shape());
    const bool average = op_.kind == PoolKind::kAverage;
    std::vector<int64_t> lengths(inputs[0]->shape().lengths().begin() + 1, inputs[0]->shape().lengths().end());
    lengths.back() = 1;
    Arithmetic result{.rule = average ? Arithmetic::Rule::kSum : Arithmetic::Rule::kMaximum,
                      .formula = average ? "mean of all pixels of the channel" : "largest of all pixels of the channel",
                      .window = Shape(lengths),
                      .has_places = true};
    const int64_t sample = element / shape.channels, channel = element % shape.channels;
    const double weight = average ? 1 / static_cast<double>(shape.pixels) : 1;
    for (int64_t p = 0; p < shape.pixels; ++p) {
      const int64_t from = (sample * shape.pixels + p) * shape.channels + channel;
      result.terms.push_back(TermOf(inputs, 0, from, weight));
    }
    if (average) result.numbers.emplace_back("values counted", static_cast<double>(shape.pixels));
    return Finished(std::move(result), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> inputs = {node.output_gradients[0]};
    if (op_.kind == PoolKind::kMax) inputs.insert(inputs.end(), {node.inputs[0], node.outputs[0]});
    const Shape x = node.builder.graph()[node.inputs[0]].type.shape;
    node.builder.Add(node.names[0], std::make_shared<GlobalPoolGradient>(op_.kind, x), inputs);
    return {node.names[0]};
  }

 private:
  GlobalPoolOp op_;
};

}  // namespace

GlobalPoolOp::operator OperationPtr() const {
  return std::make_shared<GlobalPoolOperation>(*this);
}

}  // namespace convscope
