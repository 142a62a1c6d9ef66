// How good a classifier is on a data set, and what it says of each picture.
#ifndef CONVSCOPE_TRAIN_EVALUATE_H_
#define CONVSCOPE_TRAIN_EVALUATE_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/data/batch_filler.h"
#include "convscope/data/batches.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/model.h"
#include "convscope/train/metrics.h"
#include "convscope/train/training_graph.h"
#include "convscope/train/training_step.h"

namespace convscope {

struct EvaluateOptions {
  LossOp loss = {.kind = LossKind::kSparseCategoricalCrossEntropy};
  int64_t batch_size = 32;
  int64_t top = 1;  // a second accuracy: the true class among the first `top`
  Preprocessing scaling = {};
  Progress progress = {};
};

struct Evaluation {
  double loss = 0;  // mean over the pictures, and what regularizers add
  ClassificationCounts counts;

  double accuracy() const { return counts.Accuracy(); }
};

// In the inference form, in the order in which the pictures stand. Throws Error where network, data and loss do not
// fit.
Evaluation Evaluate(const Model& model, const TrainingRules& rules, const Dataset& data,
                    const EvaluateOptions& options = {});

// The network's output for each picture, (N, ...), float32.
Tensor Predict(const Model& model, const TrainingRules& rules, const Dataset& data,
               const EvaluateOptions& options = {});

// For those who have a step and batches already: one epoch of `batches`, from the batch that is next. Ends early, with
// what there is so far, when *cancel becomes true.
Evaluation Evaluate(TrainingStep& step, Batches& batches, int64_t classes, int64_t top,
                    const std::atomic<bool>* cancel = nullptr, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_EVALUATE_H_
