// A batch of labelled pictures in the form in which a network and its loss read it, for classifiers: networks whose
// output is a score for each class, (N, classes), or one score for two classes, (N, 1).
#ifndef CONVSCOPE_TRAIN_CLASSIFIER_BATCH_H_
#define CONVSCOPE_TRAIN_CLASSIFIER_BATCH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "convscope/base/error.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/graph.h"
#include "convscope/train/training_graph.h"

namespace convscope {

// How many classes the network tells apart. Throws Error unless it is a classifier (float32) of pictures like those of
// `data` and tells all of data's classes apart.
int64_t CheckClassifier(const Graph& network, const TrainingGoal& goal, const Dataset& data);

// Whether the loss can be made of the network's output: the cross-entropies take probabilities, or, from logits, what
// comes before them; other losses take what there is. None where it can, else what is wrong, for an Error.
std::optional<ErrorParts> MisfitOfLoss(const Graph& network, const std::string& output, const LossOp& loss);

// Throws Error where the loss cannot be made of the output that is trained.
void CheckLossFits(const Graph& network, const TrainingGoal& goal);

// Writes labels (N,) as the loss wants them: classes where `target` is int32 (N,); a 1 at the class and 0 elsewhere
// where it is float32 (N, classes), the class itself where that is (N, 1).
void FillTarget(std::span<const int32_t> labels, Tensor& target);

// Where a score for two classes says the second one.
inline double Threshold(bool from_logits) {
  return from_logits ? 0 : 0.5;
}

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_CLASSIFIER_BATCH_H_
