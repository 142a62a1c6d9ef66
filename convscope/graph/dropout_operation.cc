#include "convscope/graph/dropout_operation.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/rebuild.h"
#include "convscope/kernels/dropout_mask.h"
#include "convscope/kernels/reference/dropout_mask.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 14;  // random numbers: some microseconds of work

void Check(const DropoutOp& op, std::span<const TensorType> x) {
  CheckFloating(x);
  if (x[0].shape.rank() == 0) throw Error({.rule = "the input has an axis of samples", .received = x[0].ToString()});
  if (!(op.rate >= 0 && op.rate < 1)) {
    throw Error({.rule = "the rate of dropout is at least 0 and below 1", .received = ShortestText(op.rate)});
  }
}

std::vector<Attribute> AttributesOf(const DropoutOp& op) {
  std::vector<Attribute> list = {{"rate", op.rate}};
  if (op.spatial) list.push_back({"spatial", true});
  return list;
}

// Inputs: the random state and x, which only tells the shape and is not read. Output: the mask.
class DropoutMaskOperation : public Operation {
 public:
  DropoutMaskOperation(const DropoutOp& op, std::string purpose) : op_(op), purpose_(std::move(purpose)) {}

  std::string_view type() const override { return "DropoutMask"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    const TensorType state{{3}, DType::kInt64};
    if (inputs[0] != state) {
      throw Error({.rule = "the random state is " + state.ToString(), .received = inputs[0].ToString()});
    }
    Check(op_, inputs.subspan(1));
    std::vector<int64_t> lengths(inputs[1].shape.lengths().begin(), inputs[1].shape.lengths().end());
    for (size_t i = 1; op_.spatial && i + 1 < lengths.size(); ++i) lengths[i] = 1;
    return {{Shape(lengths), inputs[1].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const TensorType type = Infer(inputs)[0];
    const auto dropped = static_cast<uint32_t>(std::lround(op_.rate * 65536));
    return PreparedFrom([type, dropped, kept = 1 / (1 - op_.rate), purpose = purpose_](
                            std::span<const void* const> from, std::span<void* const> to) {
      const auto* state = static_cast<const int64_t*>(from[0]);
      const int64_t samples = type.shape[0];
      const int64_t elements = samples > 0 ? type.shape.NumElements() / samples : 0;
      ParallelRanges(samples, kGrain / (elements + 1) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) {
          const Random stream(static_cast<uint64_t>(state[0]), purpose, static_cast<uint64_t>(state[1]),
                              static_cast<uint64_t>(state[2] + n));
          if (type.dtype == DType::kFloat32) {
            FillDropoutMask(stream, dropped, static_cast<float>(kept), static_cast<float*>(to[0]) + n * elements,
                            elements);
          } else {
            reference::FillDropoutMask(stream, dropped, kept, static_cast<double*>(to[0]) + n * elements, elements);
          }
        }
      });
    });
  }

  // Random numbers depend on nothing that has a gradient.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    return std::vector<std::string>(node.inputs.size());
  }

 private:
  DropoutOp op_;
  std::string purpose_;
};

// Inputs: x and the mask. A product that passes no gradient to the mask.
class MaskedOperation : public Operation {
 public:
  explicit MaskedOperation(const DropoutOp& op) : op_(op) {}

  std::string_view type() const override { return "DropoutProduct"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    return product_->Infer(inputs);
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                             std::span<const Tensor* const> constants,
                                             Epilogue epilogue) const override {
    return product_->Prepare(inputs, constants, std::move(epilogue));
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.names[0].empty()) return {"", ""};
    node.builder.Add(node.names[0], product_, {node.output_gradients[0], node.inputs[1]});
    return {node.names[0], ""};
  }

 private:
  DropoutOp op_;
  OperationPtr product_ = MultiplyOp{};
};

class DropoutOperation : public Operation {
 public:
  explicit DropoutOperation(const DropoutOp& op) : op_(op) {}

  std::string_view type() const override { return "Dropout"; }
  std::vector<Attribute> attributes() const override { return AttributesOf(op_); }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    Check(op_, inputs);
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  bool IsView() const override { return true; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom(
        [bytes = static_cast<size_t>(inputs[0].SizeInBytes())](
            std::span<const void* const> from, std::span<void* const> to) { std::memcpy(to[0], from[0], bytes); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return std::vector<InputReads>(inputs.size(), {InputReads::Kind::kSameElements});
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged: dropout acts in training alone");
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override { return {node.output_gradients[0]}; }

  void AddForTraining(const TrainingNode& node) const override {
    if (op_.rate == 0) return Operation::AddForTraining(node);
    const std::string mask = node.name + "/mask";
    node.builder.Add(mask, std::make_shared<DropoutMaskOperation>(op_, "dropout/" + node.name),
                     {RandomState(node.builder), node.inputs[0]});
    node.builder.Add(node.name, std::make_shared<MaskedOperation>(op_), {node.inputs[0], mask}, node.outputs);
  }

 private:
  DropoutOp op_;
};

}  // namespace

DropoutOp::operator OperationPtr() const {
  return std::make_shared<DropoutOperation>(*this);
}

}  // namespace convscope
