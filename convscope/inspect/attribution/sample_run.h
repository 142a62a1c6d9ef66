// Many versions of one picture through one model, in batches: each is written when its turn comes, and its scores and
// gradient are handed out in order. Memory is bounded by the batch. What every attribution is computed with.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_SAMPLE_RUN_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_SAMPLE_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "convscope/base/progress.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/model.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/attribution/target.h"

namespace convscope {

struct SampleRunOptions {
  int64_t batch = 1;
  // The tensor that the gradient of the class' score is taken with respect to; none: forward alone. The backward pass
  // goes back to it and no further.
  std::optional<std::string> gradient_of;
  GradientRule rule = GradientRule::kTrue;
  std::optional<std::string> kept;  // a computed tensor whose values are handed out too
};

class SampleRun {
 public:
  // Throws Error for a model that does not take such a batch, and for an operation on the way without a gradient.
  SampleRun(const Model& model, const AttributionTarget& target, const SampleRunOptions& options = {});

  struct Sample {
    int64_t index = 0;
    int64_t class_index = 0;          // whose score was derived
    std::span<const float> logits;    // (K,)
    std::span<const float> gradient;  // as one sample of the tensor; all zero where the score does not depend on it
    std::span<const float> kept;
  };
  using Fill = std::function<void(int64_t index, std::span<float> values)>;  // all of (H, W, C)
  using Visit = std::function<void(const Sample& sample)>;

  // Runs samples 0 to count - 1. `fill` may be called from several threads, `visit` is called in order; what it is
  // given holds during the call. Progress is reported before each batch, and stops the work by throwing.
  void operator()(int64_t count, int64_t class_index, const Fill& fill, const Visit& visit,
                  const Progress& progress = {}, std::string_view what = "");

  // The same of one picture (1, H, W, C); throws Error for another shape.
  void operator()(const Tensor& input, int64_t class_index, const Visit& visit);

  // The class that is meant for this picture, which its changed copies must keep: `class_index`, or the predicted one.
  int64_t ClassOf(const Tensor& input, int64_t class_index);

  int64_t batch() const { return batch_; }
  const AttributionTarget& target() const { return target_; }

 private:
  AttributionTarget target_;
  int64_t batch_;
  std::string gradient_, kept_;  // tensors of the graph; empty: none
  std::shared_ptr<Tensor> input_, classes_;
  std::vector<float> zeros_;  // the gradient where nothing depends
  std::optional<Run> run_;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_SAMPLE_RUN_H_
