#include "convscope/graph/scale_operation.h"

#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/channel_line.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

template <typename T>
void Scale(const ScaleOp& op, const T* x, T* y, int64_t count) {
  const T scale = static_cast<T>(op.scale), offset = static_cast<T>(op.offset);
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] * scale + offset;
}

class ScaleOperation : public Operation, public IsChannelLine {
 public:
  explicit ScaleOperation(const ScaleOp& op) : op_(op) {}

  std::string_view type() const override { return "Scale"; }
  std::vector<Attribute> attributes() const override { return {{"scale", op_.scale}, {"offset", op_.offset}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
        const auto compute = [&](auto zero) {
          using T = decltype(zero);
          Scale(op, static_cast<const T*>(from[0]) + begin, static_cast<T*>(to[0]) + begin, end - begin);
        };
        type.dtype == DType::kFloat32 ? compute(0.0f) : compute(0.0);
      });
    });
  }

  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t) const override {
    if (inputs[0].dtype != DType::kFloat32) return {};
    return [op = op_](float* values, int64_t, int64_t count, std::span<const void* const>) {
      Scale(op, values, values, count);
    };
  }

  std::optional<ChannelLine> Line(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                  size_t) const override {
    if (inputs[0].shape.rank() == 0) return std::nullopt;
    const auto channels = static_cast<size_t>(inputs[0].shape.back());
    return ChannelLine{std::vector<double>(channels, op_.scale), std::vector<double>(channels, op_.offset)};
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return std::vector<InputReads>(inputs.size(), {InputReads::Kind::kSameElements});
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic sum{.formula = "x * scale + offset",
                   .terms = {TermOf(inputs, 0, element, op_.scale)},
                   .window = Shape{1},
                   .offsets = {{.value = op_.offset}},
                   .through = 0};
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    node.builder.Add(node.names[0], ScaleOp{.scale = op_.scale}, {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  ScaleOp op_;
};

}  // namespace

ScaleOp::operator OperationPtr() const {
  return std::make_shared<ScaleOperation>(*this);
}

}  // namespace convscope
