// Figures of what a model computes of a picture: the maps of its layers.
#ifndef CONVSCOPE_TASKS_FEATURE_FIGURE_H_
#define CONVSCOPE_TASKS_FEATURE_FIGURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/tasks/owning_figure.h"
#include "convscope/tasks/show_features.h"

namespace convscope {

enum class MapScaling : uint8_t {
  kMap,     // each map alone
  kLayer,   // the maps of a layer together
  kGlobal,  // all maps of the figure together
};

struct FeatureFigureOptions {
  std::vector<int64_t> channels;      // these maps (or units) of each layer, large; empty: all, maps as a grid
  bool mean = false;                  // also the mean of each layer's maps
  bool before = false;                // also the maps before the activation, where there is one
  std::optional<MapScaling> scaling;  // default: kLayer in a grid, kMap of chosen maps
  int64_t first = 0, most = 256;      // of a grid: the number of its first map, and how many are drawn
};

// The picture, and a row for each of `layers`, which are tensors of the trace; empty: the layers of `features`. Layers
// without rows and columns are bars (up to 32 units) or a heat map of their units; of the scores the classes are named.
// Throws Error for a channel that a layer does not have. Shows arrays of `features`.
OwningFigure LayersFigure(const Features& features, const FeatureFigureOptions& options = {},
                          std::vector<std::string> layers = {});

// At a glance: the picture, the mean map of each layer that has rows and columns (at most 24, and no more than fit on a
// page twice as high as wide; the others left out evenly), and the scores.
OwningFigure OverviewFigure(const Features& features);

// The maps of one tensor as a grid, 8 x 8 for 64: maps (H, W, C), which must outlive the figure.
Figure FeatureGrid(TensorView<const float> maps, const std::string& title);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FEATURE_FIGURE_H_
