// How good a model is on a data set: loss, accuracy, precision and recall of each class, the confusion matrix.
#ifndef CONVSCOPE_TASKS_EVALUATE_MODEL_H_
#define CONVSCOPE_TASKS_EVALUATE_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/owning_figure.h"
#include "convscope/train/evaluate.h"

namespace convscope {

struct EvaluateRequest {
  ModelChoice model;  // as OpenModel takes it
  OpenDataOptions data;
  bool train = false;  // the training pictures, else the test pictures
  // As ParseLoss takes it, and whether the cross-entropies are of scores without their softmax; empty: those of the run
  // where the model is one, else sparse_categorical_crossentropy, of logits where the model ends without a softmax.
  std::string loss;
  bool from_logits = false;
  int64_t batch_size = 32;
  int64_t top = 5;  // at most the number of classes
};

struct EvaluateOutcome {
  std::string model, data;  // names
  bool trained = true;      // else the weights are random numbers
  int64_t pictures = 0;
  Evaluation evaluation;
  std::vector<std::string> class_names;  // one for each class that the model tells apart
  std::string remark;                    // on names of classes, and on what the loss is made of; may be empty
};

// Throws Error where model and data do not fit together (pictures of another size, the same classes in another order),
// and what OpenModel and OpenData throw.
EvaluateOutcome EvaluateModel(const EvaluateRequest& request);

std::string EvaluateText(const EvaluateOutcome& outcome);
std::string EvaluateJson(const EvaluateOutcome& outcome);
OwningFigure EvaluateFigure(const EvaluateOutcome& outcome);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_EVALUATE_MODEL_H_
