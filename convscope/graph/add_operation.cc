#include "convscope/graph/add_operation.h"

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

// Plain loops: the compiler makes vectors of them, and memory is the limit.
template <typename T>
void Sum(std::span<const void* const> inputs, void* output, int64_t count) {
  ParallelRanges(count, kGrain, [&](int64_t begin, int64_t end) {
    T* to = static_cast<T*>(output);
    const T* first = static_cast<const T*>(inputs[0]);
    const T* second = static_cast<const T*>(inputs[1]);
    for (int64_t i = begin; i < end; ++i) to[i] = first[i] + second[i];
    for (const void* input : inputs.subspan(2)) {
      const T* next = static_cast<const T*>(input);
      for (int64_t i = begin; i < end; ++i) to[i] += next[i];
    }
  });
}

class AddOperation : public Operation {
 public:
  std::string_view type() const override { return "Add"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    if (inputs.size() < 2) {
      throw Error({.rule = "a sum has at least 2 inputs", .received = std::to_string(inputs.size())});
    }
    CheckFloating(inputs);
    for (const TensorType& input : inputs) {
      if (input.shape == inputs[0].shape) continue;
      throw Error({.rule = "the inputs of a sum have one shape",
                   .received = Concat(inputs[0].shape.ToString(), " and ", input.shape.ToString())});
    }
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      const int64_t count = type.shape.NumElements();
      type.dtype == DType::kFloat64 ? Sum<double>(from, to[0], count) : Sum<float>(from, to[0], count);
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return std::vector<InputReads>(inputs.size(), {InputReads::Kind::kSameElements});
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic sum{.formula = "sum of the inputs", .window = Shape{static_cast<int64_t>(inputs.size())}};
    for (size_t k = 0; k < inputs.size(); ++k) sum.terms.push_back(TermOf(inputs, static_cast<int>(k), element));
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    return std::vector<std::string>(node.inputs.size(), node.output_gradients[0]);
  }
};

}  // namespace

AddOp::operator OperationPtr() const {
  return std::make_shared<AddOperation>();
}

}  // namespace convscope
