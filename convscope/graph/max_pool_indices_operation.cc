#include "convscope/graph/max_pool_indices_operation.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/pool_window.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 13;  // values read: some microseconds of work

// The place of a pixel where the first spatial axis moves fastest.
int64_t ColumnMajor(const PoolSpec& spec, int64_t pixel) {
  const auto& [depth, rows, columns] = spec.axes;
  const int64_t x = pixel % columns.in, y = pixel / columns.in % rows.in, z = pixel / columns.in / rows.in;
  return (x * rows.in + y) * depth.in + z;
}

template <typename T>
bool IsNaN(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

template <typename T>
void Indices(const PoolSpec& spec, bool column_major, const T* x, int64_t* indices) {
  const int64_t outside = OutputPixels(spec), inside = InputPixels(spec), channels = spec.channels;
  ParallelRanges(spec.batch * outside, kGrain / channels + 1, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> best(static_cast<size_t>(channels));
    for (int64_t i = begin; i < end; ++i) {
      std::fill(best.begin(), best.end(), -1);
      const int64_t sample = i / outside;
      const T* picture = x + sample * inside * channels;
      ForPixels(spec, i % outside, [&](int64_t pixel) {
        for (int64_t c = 0; c < channels; ++c) {
          const T value = picture[pixel * channels + c];
          const T most = best[c] < 0 ? value : picture[best[c] * channels + c];
          // A NaN stays, the first of them.
          if (best[c] < 0 || (!(value <= most) && !IsNaN(most))) best[c] = pixel;
        }
      });
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t place = best[c] < 0 || !column_major ? best[c] : ColumnMajor(spec, best[c]);
        indices[i * channels + c] = place < 0 ? -1 : (sample * channels + c) * inside + place;
      }
    }
  });
}

class MaxPoolIndicesOperation : public Operation {
 public:
  explicit MaxPoolIndicesOperation(MaxPoolIndicesOp op) : op_(std::move(op)) {
    if (op_.strides.empty()) op_.strides = op_.sizes;
  }

  std::string_view type() const override { return "MaxPoolIndices"; }
  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = WindowAttributes(op_);
    list.push_back({"column_major", op_.column_major});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    if (inputs[0].dtype == DType::kBool) {
      throw Error({.rule = "a maximum is one of numbers", .received = inputs[0].ToString()});
    }
    const PoolSpec spec = SpecOf(op_, inputs[0].shape);
    spec.Check();
    return {{spec.OutputShape(), DType::kInt64}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([spec = SpecOf(op_, inputs[0].shape), column_major = op_.column_major, dtype = inputs[0].dtype](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto find = [&](auto zero) {
        Indices(spec, column_major, static_cast<const decltype(zero)*>(from[0]), static_cast<int64_t*>(to[0]));
      };
      switch (dtype) {
        case DType::kFloat32:
          return find(0.0f);
        case DType::kFloat64:
          return find(0.0);
        case DType::kUInt8:
          return find(uint8_t{});
        case DType::kInt8:
          return find(int8_t{});
        case DType::kInt32:
          return find(int32_t{});
        default:
          return find(int64_t{});
      }
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return {PoolReads(SpecOf(op_, inputs[0].shape))};
  }

  std::vector<std::string> AddGradient(const NodeGradient&) const override { return {""}; }

 private:
  MaxPoolIndicesOp op_;
};

// Where in (N, lengths..., C) the index of (N, C, lengths...) is.
struct Unpooled {
  int64_t samples = 1, pixels = 1, channels = 1;

  int64_t Place(int64_t index) const {
    if (index < 0 || index >= samples * pixels * channels) {
      throw Error({.where = "unpool",
                   .rule = Concat("an index is a place of the output, 0 to ", samples * pixels * channels - 1),
                   .received = std::to_string(index)});
    }
    const int64_t pixel = index % pixels, channel = index / pixels % channels, sample = index / pixels / channels;
    return (sample * pixels + pixel) * channels + channel;
  }
};

Unpooled UnpooledOf(const Shape& y) {
  Unpooled sizes{.samples = y[0], .channels = y.back()};
  for (int i = 1; i + 1 < y.rank(); ++i) sizes.pixels *= y[i];
  return sizes;
}

void CheckIndices(const TensorType& x, const TensorType& indices) {
  if (indices.dtype != DType::kInt64 || indices.shape != x.shape) {
    throw Error({.rule = Concat("for values ", x.shape.ToString(), " the indices are ", x.shape.ToString(), " int64"),
                 .received = indices.ToString()});
  }
}

// Inputs: the gradient of the output, and the indices.
class MaxUnpoolGradient : public Operation {
 public:
  std::string_view type() const override { return "MaxUnpoolGradient"; }
  std::vector<Attribute> attributes() const override { return {}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs.first(1));
    return {{inputs[1].shape, inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([sizes = UnpooledOf(inputs[0].shape), count = inputs[1].shape.NumElements(),
                         dtype = inputs[0].dtype](std::span<const void* const> from, std::span<void* const> to) {
      const auto* indices = static_cast<const int64_t*>(from[1]);
      const auto pick = [&](auto zero) {
        using T = decltype(zero);
        // Who was put at each place last.
        std::vector<int64_t> owners(static_cast<size_t>(sizes.samples * sizes.pixels * sizes.channels), -1);
        for (int64_t i = 0; i < count; ++i) owners[sizes.Place(indices[i])] = i;
        for (int64_t i = 0; i < count; ++i) {
          const int64_t place = sizes.Place(indices[i]);
          static_cast<T*>(to[0])[i] = owners[place] == i ? static_cast<const T*>(from[0])[place] : zero;
        }
      };
      dtype == DType::kFloat32 ? pick(0.0f) : pick(0.0);
    });
  }
};

class MaxUnpoolOperation : public Operation {
 public:
  explicit MaxUnpoolOperation(MaxUnpoolOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "MaxUnpool"; }
  std::vector<Attribute> attributes() const override { return {{"lengths", op_.lengths}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs.first(1));
    const Shape& x = inputs[0].shape;
    const bool fits = x.rank() >= 3 && op_.lengths.size() + 2 == x.lengths().size() &&
                      std::all_of(op_.lengths.begin(), op_.lengths.end(), [](int64_t n) { return n > 0; });
    if (!fits) {
      throw Error({.rule = "each spatial axis of (samples, spatial..., channels) gets a length above 0",
                   .received = Concat(attributes()[0].ValueText(), " for ", x.ToString())});
    }
    CheckIndices(inputs[0], inputs[1]);
    std::vector<int64_t> lengths = {x[0]};
    lengths.insert(lengths.end(), op_.lengths.begin(), op_.lengths.end());
    lengths.push_back(x.back());
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape y = Infer(inputs)[0].shape;
    return PreparedFrom([sizes = UnpooledOf(y), elements = y.NumElements(), count = inputs[0].shape.NumElements(),
                         dtype = inputs[0].dtype](std::span<const void* const> from, std::span<void* const> to) {
      const auto* indices = static_cast<const int64_t*>(from[1]);
      const auto put = [&](auto zero) {
        using T = decltype(zero);
        std::fill_n(static_cast<T*>(to[0]), elements, zero);
        for (int64_t i = 0; i < count; ++i) {
          static_cast<T*>(to[0])[sizes.Place(indices[i])] = static_cast<const T*>(from[0])[i];
        }
      };
      dtype == DType::kFloat32 ? put(0.0f) : put(0.0);
    });
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.names[0].empty()) return {"", ""};
    node.builder.Add(node.names[0], std::make_shared<MaxUnpoolGradient>(), {node.output_gradients[0], node.inputs[1]});
    return {node.names[0], ""};
  }

 private:
  MaxUnpoolOp op_;
};

}  // namespace

MaxPoolIndicesOp::operator OperationPtr() const {
  return std::make_shared<MaxPoolIndicesOperation>(*this);
}

MaxUnpoolOp::operator OperationPtr() const {
  return std::make_shared<MaxUnpoolOperation>(*this);
}

}  // namespace convscope
