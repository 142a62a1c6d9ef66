// A Graph drawn as boxes and arrows: one box a layer, the shape of what flows beside each arrow.
#ifndef CONVSCOPE_TASKS_NETWORK_FIGURE_H_
#define CONVSCOPE_TASKS_NETWORK_FIGURE_H_

#include <string>

#include "convscope/figures/figure.h"
#include "convscope/graph/graph.h"

namespace convscope {

// Names are paths. A node "conv_1/pre_activation" belongs to the layer "conv_1" when there is a node of that name; what
// is left before the first "/" ("layer1" of "layer1/conv") is a scope. So are Keras' "block1" of "block1_conv1" and
// "conv_1" of "conv_1_bn", where there is a layer of that name.
struct NetworkPlotOptions {
  enum class Scopes : uint8_t {
    kAuto,    // kFramed, or kFolded when that takes more than 60 boxes
    kFramed,  // a frame around the layers of each scope
    kFolded,  // each scope one box that says how many layers and parameters it holds; not where that box would come
              // both before and after another
  };
  Scopes scopes = Scopes::kAuto;
  bool left_to_right = false;
};

// A box says what its layer is called, what it does, with which settings, and how many parameters it has. The first
// axis of every shape is written "None", as Keras does: it counts the samples.
NetworkPlot PlotNetwork(const Graph& graph, const NetworkPlotOptions& options = {});

// The plot alone on a page, under the network's name.
Figure NetworkFigure(const Graph& graph, const std::string& name, const NetworkPlotOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_NETWORK_FIGURE_H_
