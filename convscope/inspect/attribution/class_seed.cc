#include "convscope/inspect/attribution/class_seed.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/attribution/target.h"

namespace convscope {
namespace {

class ClassSeedOperation : public Operation {
 public:
  std::string_view type() const override { return "ClassSeed"; }
  std::vector<Attribute> attributes() const override { return {}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    const TensorType &logits = inputs[0], &classes = inputs[1];
    if (logits.shape.rank() < 2 || logits.dtype != DType::kFloat32 || logits.shape.NumElements() < 1 ||
        classes != TensorType{{logits.shape[0]}, DType::kInt64}) {
      throw Error({.rule = "the inputs are logits (N, ..., K) float32 and classes (N,) int64",
                   .received = Concat(logits.ToString(), " and ", classes.ToString())});
    }
    return {logits};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom(
        [shape = inputs[0].shape](std::span<const void* const> sources, std::span<void* const> targets) {
          const int64_t width = shape.NumElements() / shape[0];
          const auto* classes = static_cast<const int64_t*>(sources[1]);
          auto* seed = static_cast<float*>(targets[0]);
          std::fill_n(seed, shape.NumElements(), 0.0f);
          for (int64_t n = 0; n < shape[0]; ++n) {
            const std::span<const float> logits(static_cast<const float*>(sources[0]) + n * width,
                                                static_cast<size_t>(width));
            const int64_t chosen = classes[n] == kPredictedClass ? PredictedClass(logits) : classes[n];
            if (width == 1) {
              seed[n] = chosen == 1 ? 1.0f : -1.0f;
            } else {
              seed[n * width + chosen] = 1;
            }
          }
        });
  }
};

}  // namespace

ClassSeedOp::operator OperationPtr() const {
  return std::make_shared<ClassSeedOperation>();
}

}  // namespace convscope
