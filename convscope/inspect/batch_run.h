// A model run over the pictures of a data set, batch after batch, for some of its tensors. Not for labels or losses:
// see convscope/train/evaluate.h.
#ifndef CONVSCOPE_INSPECT_BATCH_RUN_H_
#define CONVSCOPE_INSPECT_BATCH_RUN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "convscope/data/batches.h"
#include "convscope/graph/model.h"
#include "convscope/graph/run.h"

namespace convscope {

// Holds a Run for each size of a batch that it has met: two for a data set, the whole batches and the last.
class BatchRun {
 public:
  // `outputs`: computed tensors of the model, whose one input is pictures (N, H, W, C) float32. Throws Error otherwise.
  BatchRun(const Model& model, std::vector<std::string> outputs);

  // Runs the pictures (B, H, W, C). Throws Error where they are not like the model's, and where the model computes no
  // batches of B.
  void operator()(TensorView<const float> pictures);

  // Of the last call, valid until the next.
  const Tensor& operator[](std::string_view output) const;

 private:
  struct Prepared {
    Run run;
    std::shared_ptr<Tensor> input;
  };

  const Model& model_;
  std::vector<std::string> outputs_;
  std::string input_;
  std::map<int64_t, Prepared> prepared_;  // by the size of the batch
  Prepared* last_ = nullptr;
};

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_BATCH_RUN_H_
