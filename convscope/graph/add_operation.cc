#include "convscope/graph/add_operation.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/broadcast.h"
#include "convscope/graph/internal/channel_line.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/product_sum.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

// Inputs of one shape. Plain loops: the compiler makes vectors of them, and memory is the limit.
template <typename T>
void Sum(std::span<const void* const> inputs, void* output, int64_t count) {
  ParallelRanges(count, kGrain, [&](int64_t begin, int64_t end) {
    T* to = static_cast<T*>(output);
    const T* first = static_cast<const T*>(inputs[0]);
    const T* second = static_cast<const T*>(inputs[1]);
    for (int64_t i = begin; i < end; ++i) to[i] = PlusOf{}(first[i], second[i]);
    for (const void* input : inputs.subspan(2)) {
      const T* next = static_cast<const T*>(input);
      for (int64_t i = begin; i < end; ++i) to[i] = PlusOf{}(to[i], next[i]);
    }
  });
}

template <typename T>
void SumRepeated(const Broadcast& broadcast, std::span<const void* const> inputs, void* output) {
  const auto input = [&](size_t k) { return static_cast<const T*>(inputs[k]); };
  if (inputs.size() == 2) return MapBroadcast(broadcast, input(0), input(1), static_cast<T*>(output), PlusOf{});
  ParallelRanges(broadcast.size(), kBroadcastGrain, [&](int64_t begin, int64_t end) {
    broadcast.ForRuns(begin, end, [&](int64_t first, const int64_t* offsets, int64_t count) {
      T* to = static_cast<T*>(output) + first;
      for (size_t k = 0; k < inputs.size(); ++k) {
        const T* from = input(k) + offsets[k];
        const int64_t step = broadcast.step(k);
        if (k == 0) {
          for (int64_t i = 0; i < count; ++i) to[i] = from[i * step];
        } else {
          for (int64_t i = 0; i < count; ++i) to[i] = PlusOf{}(to[i], from[i * step]);
        }
      }
    });
  });
}

bool OneShape(std::span<const TensorType> inputs) {
  return std::all_of(inputs.begin(), inputs.end(), [&](const TensorType& x) { return x.shape == inputs[0].shape; });
}

class AddOperation : public Operation, public IsChannelLine {
 public:
  std::string_view type() const override { return "Add"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    if (inputs.size() < 2) {
      throw Error({.rule = "a sum has at least 2 inputs", .received = std::to_string(inputs.size())});
    }
    CheckElements(inputs, ElementClass::kNumbers);
    return {{BroadcastShape(inputs), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    if (!OneShape(inputs)) {
      return PreparedFrom([broadcast = Broadcast(ShapesOf(inputs)), dtype = inputs[0].dtype](
                              std::span<const void* const> from, std::span<void* const> to) {
        ForNumberType(dtype, [&](auto type) { SumRepeated<decltype(type)>(broadcast, from, to[0]); });
      });
    }
    return PreparedFrom([type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      const int64_t count = type.shape.NumElements();
      ForNumberType(type.dtype, [&](auto element) { Sum<decltype(element)>(from, to[0], count); });
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override { return BroadcastReadsOf(inputs); }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic sum{.formula = "sum of the inputs", .window = Shape{static_cast<int64_t>(inputs.size())}};
    const std::vector<Shape> shapes = ShapesOf(inputs);
    for (size_t k = 0; k < inputs.size(); ++k) {
      sum.terms.push_back(TermOf(inputs, static_cast<int>(k), BroadcastElement(shapes, k, element)));
    }
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::optional<ChannelLine> Line(std::span<const TensorType> inputs, std::span<const Tensor* const> constants,
                                  size_t through) const override {
    if (inputs.size() != 2) return std::nullopt;
    ChannelLine line{.scale = {}, .offset = ChannelValues(*constants[1 - through], inputs[through].shape)};
    if (line.offset.empty()) return std::nullopt;
    line.scale.assign(line.offset.size(), 1.0);
    return line;
  }

  // Two terms, the one that is written as large as the sum; the other one of its shape, or a value a channel.
  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const override {
    if (inputs[0].dtype != DType::kFloat32 || inputs.size() != 2) return {};
    const Shape &whole = inputs[written].shape, &other = inputs[1 - written].shape;
    if (whole == other) {
      return [](float* values, int64_t first, int64_t count, std::span<const void* const> operands) {
        const float* term = static_cast<const float*>(operands[0]) + first;
        for (int64_t i = 0; i < count; ++i) values[i] += term[i];
      };
    }
    const int64_t channels = whole.rank() == 0 ? 0 : whole.back();
    if (channels < 1 || other.rank() == 0 || other.rank() > whole.rank() || other.back() != channels ||
        other.NumElements() != channels) {
      return {};
    }
    return [channels](float* values, int64_t, int64_t count, std::span<const void* const> operands) {
      const float* term = static_cast<const float*>(operands[0]);
      for (int64_t pixel = 0; pixel < count; pixel += channels) {
        for (int64_t c = 0; c < channels; ++c) values[pixel + c] += term[c];
      }
    };
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    std::vector<std::string> gradients(node.inputs.size());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (!node.names[i].empty()) gradients[i] = AddRepeatedGradient(node, i, {node.output_gradients[0]});
    }
    return gradients;
  }
};

}  // namespace

AddOp::operator OperationPtr() const {
  return std::make_shared<AddOperation>();
}

}  // namespace convscope
