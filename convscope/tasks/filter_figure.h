// The figure of a filter: input, kernel, convolution, activation and pools of each picture.
#ifndef CONVSCOPE_TASKS_FILTER_FIGURE_H_
#define CONVSCOPE_TASKS_FILTER_FIGURE_H_

#include "convscope/tasks/filter_picture.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct FilterFigureOptions {
  bool as_rgb = false;  // three output maps as one colour picture; Error when there are not three
};

// Throws the Error that MakeFilterFigure would throw for these options, whether or not a figure is wanted.
void CheckFigureOptions(const FilterResult& result, const FilterFigureOptions& options);

// One row for one picture. Pools are on the scale of what they read. A map that is zero but for the rounding of its
// sums is drawn as zero. Where one scale for the maps of a stage would leave too little of some, each has its own,
// which stands over it. For several pictures, the kernels are the first row, each picture is one more, and every stage
// has one scale in all rows, so that rows can be compared; unless some row's own scale of a stage is less than a
// quarter of that: then each row has its own. The footer says which. The place of a crop: kernel is framed in the first
// picture.
OwningFigure MakeFilterFigure(const FilterResult& result, const FilterFigureOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_FIGURE_H_
