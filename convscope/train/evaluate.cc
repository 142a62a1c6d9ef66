#include "convscope/train/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/train/classifier_batch.h"

namespace convscope {
namespace {

Batches InOrder(const Dataset& data, const EvaluateOptions& options) {
  return Batches(data, {.batch_size = options.batch_size, .shuffle = false, .scaling = options.scaling});
}

void FillPictures(const Batch& batch, Tensor& pictures) {
  std::memcpy(pictures.bytes(), batch.images.data(), static_cast<size_t>(pictures.SizeInBytes()));
}

}  // namespace

Evaluation Evaluate(TrainingStep& step, Batches& batches, int64_t classes, int64_t top, const std::atomic<bool>* cancel,
                    const Progress& progress) {
  Evaluation evaluation{.counts = ClassificationCounts(classes, top)};
  for (bool last = false; !last && !(cancel != nullptr && *cancel);) {
    const Batch& batch = batches.Next();
    last = batch.last;
    const auto count = static_cast<int64_t>(batch.labels.size());
    const TrainingStep::Inputs inputs = step.EvaluationInputs(count);
    FillPictures(batch, inputs.pictures);
    FillTarget(batch.labels, inputs.target);
    const TrainingStep::Result result = step.Evaluate(count);
    evaluation.loss += result.loss * static_cast<double>(count);
    evaluation.counts.Add(result.scores.view(), batch.labels, Threshold(result.from_logits));
    Report(progress, "evaluating", static_cast<double>(batch.number + 1) / static_cast<double>(batches.per_epoch()));
  }
  evaluation.loss /= static_cast<double>(std::max<int64_t>(1, evaluation.counts.total()));
  return evaluation;
}

Evaluation Evaluate(const Model& model, const TrainingRules& rules, const Dataset& data,
                    const EvaluateOptions& options) {
  const TrainingGoal goal{.loss = options.loss, .rules = rules};
  const int64_t classes = CheckClassifier(model.graph(), goal, data);
  CheckLossFits(model.graph(), goal);
  TrainingStep step(model.graph(), goal, model.parameters());
  Batches batches = InOrder(data, options);
  return Evaluate(step, batches, classes, options.top, nullptr, options.progress);
}

Tensor Predict(const Model& model, const TrainingRules& rules, const Dataset& data, const EvaluateOptions& options) {
  const TrainingGoal goal{.loss = options.loss, .rules = rules};
  CheckClassifier(model.graph(), goal, data);
  TrainingStep step(model.graph(), goal, model.parameters());
  Batches batches = InOrder(data, options);
  Tensor outputs;
  int64_t done = 0;  // elements
  for (bool last = false; !last;) {
    const Batch& batch = batches.Next();
    last = batch.last;
    const auto count = static_cast<int64_t>(batch.labels.size());
    FillPictures(batch, step.EvaluationInputs(count).pictures);
    const Tensor& output = step.Predict(count);
    if (done == 0) {
      std::vector<int64_t> lengths(output.shape().lengths().begin(), output.shape().lengths().end());
      lengths[0] = data.size();
      outputs = Tensor(Shape(std::span<const int64_t>(lengths)), output.dtype());
    }
    std::memcpy(outputs.data() + done, output.data(), static_cast<size_t>(output.SizeInBytes()));
    done += output.size();
    Report(options.progress, "predicting",
           static_cast<double>(batch.number + 1) / static_cast<double>(batches.per_epoch()));
  }
  return outputs;
}

}  // namespace convscope
