// Where the boxes and arrows of a network stand, by Graphviz' dot. All lengths in points, y downwards. Not for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_NETWORK_LAYOUT_H_
#define CONVSCOPE_FIGURES_INTERNAL_NETWORK_LAYOUT_H_

#include <vector>

#include "convscope/figures/scene.h"

namespace convscope::internal {

struct Extent {
  double width = 0, height = 0;
};

struct NetworkToPlace {
  struct Edge {
    int from, to;
    Extent label;
  };
  std::vector<Extent> nodes;
  std::vector<Edge> edges;
  std::vector<int> group_of;   // of each node; below 0: none
  std::vector<Extent> groups;  // of each group's name
  bool left_to_right = false;
};

struct PlacedNetwork {
  struct Edge {
    std::vector<ScenePoint> curve;  // as a curved ScenePath
    ScenePoint tip;                 // of the arrow that follows it
    Box label;
  };
  Extent size;
  std::vector<Box> nodes;
  std::vector<Edge> edges;
  std::vector<Box> groups, group_names;
};

// Throws Error when dot cannot place it. One call at a time runs, however many threads ask: Graphviz keeps its state in
// global variables.
PlacedNetwork Place(const NetworkToPlace& network);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_NETWORK_LAYOUT_H_
