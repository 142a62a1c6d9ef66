// The curves of trainings for a page that draws them: every step's loss and accuracy as they are, as the bytes of a
// safetensors file.
#ifndef CONVSCOPE_TASKS_CURVES_VIEW_H_
#define CONVSCOPE_TASKS_CURVES_VIEW_H_

#include <span>
#include <string>

#include "convscope/tasks/training_figures.h"

namespace convscope {

// Float32 tensors "0/loss" and "0/accuracy" (steps,) of the first history, "1/loss", ... of the others; in the
// metadata, under "epochs", JSON: for each history a list with an object an epoch, as `runs --json` has it, but without
// the histories' names. Where `report` is not empty it is told too, under that name.
std::string CurvesViewBytes(std::span<const NamedHistory> histories, const std::string& report);

// The epochs of one of them, as above.
std::string EpochsJson(const History& history);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_CURVES_VIEW_H_
