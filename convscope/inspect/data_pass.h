// One pass over a data set: chosen tensors of every picture, a batch at a time, so that memory does not grow with the
// data. What is kept of them is the caller's business (class_means.h, top_activations.h).
#ifndef CONVSCOPE_INSPECT_DATA_PASS_H_
#define CONVSCOPE_INSPECT_DATA_PASS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/data/batches.h"
#include "convscope/graph/model.h"
#include "convscope/graph/preprocessing.h"

namespace convscope {

struct DataPassOptions {
  Preprocessing scaling = {};
  int64_t batch_size = 0;  // 0: 1 to 64, as memory and caches have room
  Progress progress = {};
  std::string what = "running the model";  // for `progress`
};

// Called once a batch, in the order of the data: tensors[i] is (B, ...), float32, of names[i], valid during the call.
using TakeBatch = std::function<void(const Batch& batch, std::span<const Tensor* const> tensors)>;

// Throws Error for a model of another input than pictures like those of `data`, for an unknown name, for tensors that
// are not float32 or whose first axis is not the picture, and for empty data.
void PassOver(const Model& model, const Dataset& data, const std::vector<std::string>& names,
              const DataPassOptions& options, const TakeBatch& take);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_DATA_PASS_H_
