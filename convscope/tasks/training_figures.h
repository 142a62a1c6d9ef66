// Figures of a training and of what came of it: curves, the confusion matrix, the classes of a picture.
#ifndef CONVSCOPE_TASKS_TRAINING_FIGURES_H_
#define CONVSCOPE_TASKS_TRAINING_FIGURES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "convscope/tasks/owning_figure.h"
#include "convscope/train/history.h"
#include "convscope/train/metrics.h"

namespace convscope {

// The loss and the accuracy over the epochs: of each step, thin; smoothed (means over about a tenth of an epoch around
// each, where that is more than one step); and of the validation, where there was one. An epoch has `epoch_steps`
// steps, at least 1; the last may be at its beginning. Throws Error for a history without a step.
Figure CurvesFigure(const History& history, int64_t epoch_steps, const std::string& title);

// One history of several in one figure: the validation's curves, or the training's where one has no validation, which
// the footer says.
struct NamedHistory {
  std::string name;
  History history;
};
Figure ComparedCurvesFigure(std::span<const NamedHistory> histories);

// "curves of the training, since NAME, ... had no validation"; empty where the validation's are drawn.
std::string WhyTrainingCurves(std::span<const NamedHistory> histories);

// Those of a confusion matrix that are told of: all, or of more than 32 those that occur.
std::vector<int64_t> ReportedClasses(const ConfusionMatrix& confusion);

// Rows true, columns predicted, each cell its count; a row's number stands in front of its name and above its column.
// The classes are ReportedClasses. Of more than 32 rows and columns have numbers alone, and bars tell the pairs
// mistaken most often.
OwningFigure ConfusionFigure(const ClassificationCounts& samples, const std::vector<std::string>& class_names,
                             const std::string& title);

// "3 of 40 pictures have scores that are NaN: ...", which the matrix, precision, recall and F1 leave out; empty where
// there are none.
std::string WithoutClassText(const ClassificationCounts& samples);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAINING_FIGURES_H_
