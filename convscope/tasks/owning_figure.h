// What a task gives to be drawn: a figure, and the arrays that it shows and nobody else keeps.
#ifndef CONVSCOPE_TASKS_OWNING_FIGURE_H_
#define CONVSCOPE_TASKS_OWNING_FIGURE_H_

#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// The other arrays belong to the result that the figure was made from, which must outlive it.
struct OwningFigure {
  Figure figure;
  std::vector<Tensor> arrays = {};
};

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OWNING_FIGURE_H_
