// Points in a plane, each of a group: pictures by what a network makes of them. Owns its numbers, not the pictures.
#ifndef CONVSCOPE_FIGURES_SCATTER_PLOT_H_
#define CONVSCOPE_FIGURES_SCATTER_PLOT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// Both axes have one unit, so that distances can be compared. A point that is NaN or infinite is left out, and the
// panel says so. Groups differ in colour, and from the eleventh on in shape too; where there are more than ten, each
// has its number in the middle of its points (the medians of x and y), and the legend tells what the numbers mean.
struct ScatterPlot {
  std::vector<double> x, y;
  std::vector<int> groups;               // one a point, an index into group_names; empty: all of one group
  std::vector<std::string> group_names;  // in the legend; may be empty for one group
  std::vector<bool> marked;              // these points in a black ring above all others; empty: none
  std::string marked_name;               // in the legend, which counts them: "misclassified" gives "misclassified (3)"
  // A picture of each point, (N, H, W, 1) or (N, H, W, 3), values from 0 to 1: drawn in place of the point where it
  // hides no other picture, in a border of its group's colour. Points under a picture are not drawn; the panel says how
  // many pictures there are. None unless data() is set.
  TensorView<const float> pictures;
  // Beside the axes; both empty: the axes have no meaning of their own, and no numbers are drawn.
  std::string x_label, y_label;
};

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_SCATTER_PLOT_H_
