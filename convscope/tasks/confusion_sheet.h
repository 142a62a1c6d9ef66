// The confusion matrix in pictures: what was taken for what, with an example of each.
#ifndef CONVSCOPE_TASKS_CONFUSION_SHEET_H_
#define CONVSCOPE_TASKS_CONFUSION_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

// Of more classes, the sheet is the pairs that are mistaken most often.
inline constexpr int64_t kMostSheetClasses = 16;
inline constexpr int64_t kMostSheetPairs = 40;

struct ConfusionSheetRequest {
  ModelChoice model;  // as OpenModel takes it
  OpenDataOptions data;
  bool train = false;  // the training pictures, else the test pictures
};

// Of each pair of classes (row: true, column: predicted) the picture that the model is surest about, and how many there
// are; a pair that never happens is blank. Pictures whose scores are NaN are counted in the footer. Throws Error for a
// model that tells no classes, for data with classes that it does not tell, and as OpenModelData and PassOver do.
OwningFigure MakeConfusionSheet(const ConfusionSheetRequest& request);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_CONFUSION_SHEET_H_
