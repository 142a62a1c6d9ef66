// Weights as figures: filters as pictures, what they answer to, and how their values are spread.
#ifndef CONVSCOPE_TASKS_WEIGHTS_FIGURE_H_
#define CONVSCOPE_TASKS_WEIGHTS_FIGURE_H_

#include <cstdint>
#include <optional>

#include "convscope/tasks/owning_figure.h"
#include "convscope/tasks/show_weights.h"

namespace convscope {

inline constexpr int64_t kMostFiltersDrawn = 64;

struct WeightsFigureOptions {
  std::optional<int64_t> channel, filter;  // of the kernels: this input channel, this filter alone
  int64_t strongest = 0;                   // draw so many, the strongest by norm; 0: at most kMostFiltersDrawn
};

// Throws Error for a channel or filter that the layers asked for do not have.
void CheckWeightsFigure(const Weights& weights, const WeightsFigureOptions& options);

// Where `weights` were asked for by layer, everything about each; else the filters of the first convolution, the
// strongest few of each deeper one, and a histogram of each kernel. Filters of a layer that reads a colour picture are
// in colour; of deeper ones a plane is a filter on one input channel. Of more planes than can be drawn the strongest
// are; the figure says so. Throws Error as CheckWeightsFigure.
OwningFigure WeightsFigure(const Weights& weights, const WeightsFigureOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_WEIGHTS_FIGURE_H_
