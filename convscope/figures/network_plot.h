// A network drawn as boxes and arrows, as plain structs: what is in a box, what flows along an arrow. Where they stand
// is chosen when the figure is laid out.
#ifndef CONVSCOPE_FIGURES_NETWORK_PLOT_H_
#define CONVSCOPE_FIGURES_NETWORK_PLOT_H_

#include <string>
#include <vector>

namespace convscope {

struct NetworkPlot {
  struct Node {
    std::string title;               // bold
    std::vector<std::string> lines;  // under it
    int kind = 0;                    // nodes of one kind have one colour
    int group = -1;                  // index into `groups`; below 0: in none
  };
  struct Edge {
    int from = 0, to = 0;  // indexes into `nodes`
    std::string label;     // beside the arrow, for example the shape of what flows along it
  };
  std::vector<Node> nodes;  // 1 to 1,000
  std::vector<Edge> edges;
  std::vector<std::string> groups;  // each a frame with a name around its nodes
  bool left_to_right = false;       // else from top to bottom
};

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_NETWORK_PLOT_H_
