// Where the boxes and arrows of a network stand, for who draws them otherwise than as a figure: a page, say. The same
// places as in a figure. Lengths in points, y downwards.
#ifndef CONVSCOPE_FIGURES_NETWORK_PLACES_H_
#define CONVSCOPE_FIGURES_NETWORK_PLACES_H_

#include <string>
#include <vector>

#include "convscope/figures/network_plot.h"
#include "convscope/figures/scene.h"

namespace convscope {

struct NetworkPlaces {
  struct Node {
    Box box;
    std::vector<std::string> lines;  // as they are broken to fit; those of the title first
    size_t title_lines = 1;
  };
  struct Edge {
    std::vector<ScenePoint> curve;  // as a curved ScenePath
    ScenePoint tip;                 // of the arrow that follows it
    Box label;
  };
  double width = 0, height = 0;
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::vector<Box> groups, group_names;
};

// In the order of the plot's nodes, edges and groups. Throws Error for a plot without nodes, with more than 1,000, with
// an index of none of them, and when dot cannot place it.
NetworkPlaces PlaceNetwork(const NetworkPlot& plot);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_NETWORK_PLACES_H_
