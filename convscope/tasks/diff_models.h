// Two models, checkpoints or run folders side by side, in words, as JSON and as a figure.
#ifndef CONVSCOPE_TASKS_DIFF_MODELS_H_
#define CONVSCOPE_TASKS_DIFF_MODELS_H_

#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/signs.h"
#include "convscope/inspect/model_difference.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct DiffRequest {
  ModelChoice a, b;  // as OpenModel takes them
  std::optional<PictureChoice> picture;
  double tolerance = 1e-5;  // of tensors on the picture, of the largest value of each
};

// What both make of one picture.
struct PictureDifference {
  std::string source;
  TraceDifference traces;
  // The parting tensor of both, (1, ..., C), and of its channels the one with the largest difference.
  Tensor parting_a, parting_b;
  int64_t channel = 0;
  Signs signs = Signs::kBoth;  // of its values in both
  // The scores of both, where both tell as many classes.
  std::vector<float> scores_a, scores_b;
  bool probabilities = false;  // whether they are
  std::vector<std::string> class_names;
};

struct DiffOutcome {
  std::string a, b;  // as they were named, and what OpenedModel::made_for says
  bool trained_a = true, trained_b = true;
  ModelDifference models;
  std::vector<std::string> remarks;  // on preprocessing, class names and outputs that are not the same
  std::optional<PictureDifference> picture;
  double tolerance = 0;

  bool identical() const { return models.identical() && remarks.empty(); }
};

// Throws what OpenModel and ReadModelPictures throw, and Error where both have inputs of other shapes and a picture is
// given.
DiffOutcome DiffModels(const DiffRequest& request);

std::string DiffText(const DiffOutcome& outcome);
std::string DiffJson(const DiffOutcome& outcome);
// Shows arrays of `outcome`, too.
OwningFigure DiffFigure(const DiffOutcome& outcome);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_DIFF_MODELS_H_
