// The formula of what a filter computed, and its numbers for one element of each stage.
#ifndef CONVSCOPE_TASKS_FILTER_FORMULA_H_
#define CONVSCOPE_TASKS_FILTER_FORMULA_H_

#include <string>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

// For each stage its formula with the strides, dilations and paddings put in, then the products and the sum that made
// the element in the middle of its first map. Long sums are cut short, and say so. Ends in a line break. Example:
//   conv[y, x] = sum over r = 0..2, s = 0..2 of input[y + r, x + s] * kernel[r, s]
//   conv[149, 224] =
//       0.5 * -1 + 0.49 * -1 + ...
//     = 0.12
std::string FilterFormula(const FilterResult& result, const FilteredPicture& picture);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_FORMULA_H_
