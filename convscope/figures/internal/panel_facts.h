// What a reader must be told about a panel: the scale of its colours, and everything that the drawing does to the
// values. Shared by every way to draw one.
#ifndef CONVSCOPE_FIGURES_INTERNAL_PANEL_FACTS_H_
#define CONVSCOPE_FIGURES_INTERNAL_PANEL_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/figures/scale.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

// A scale to be drawn beside a panel, and whether the panel has values that it does not reach.
struct ColorBar {
  Scale scale;
  bool below = false, above = false;
  bool over_photograph = false;  // its colours are as in OverlayColor over mid-grey
  // All values are this one: the bar is its colour alone, and claims no other value.
  std::optional<float> constant;
};

// The colour of frames on maps; white on it has a contrast of 5.6.
inline constexpr Rgb8 kFrameRed{214, 0, 0};

// What remarks call the colours that a panel is drawn in.
struct Marks {
  const char* not_finite = "magenta";
  const char* signed_map = "blue negative, near-white zero, red positive";
  const char* unsigned_map = "dark blue zero, yellow its large values";
};

struct PanelFacts {
  TensorView<const float> values;  // (H, W, C) whatever the panel's rank
  bool is_color_picture = false;   // each three channels are red, green and blue
  std::vector<Scale> scales;       // one for each map; empty for colour pictures
  std::optional<ColorBar> color_bar;
  std::vector<bool> all_zero;       // each map
  std::vector<std::string> labels;  // of each map of a grid
  std::vector<std::string> names;   // of each map of a grid, in one line: its label, or where it stands in a table
  // (H, W, C), C being 1 or 3, under the values; null: none
  TensorView<const float> photograph;
  std::vector<std::string> remarks;  // one sentence each

  int64_t rows() const { return values.shape()[0]; }
  int64_t columns() const { return values.shape()[1]; }
  int64_t channels() const { return values.shape()[2]; }
  int64_t maps() const { return is_color_picture ? channels() / 3 : channels(); }
};

// Throw Error, naming `where`, for a shape that the panel cannot draw.
PanelFacts FactsOf(const MapPlot& plot, const std::string& where, const Marks& marks = {});
PanelFacts FactsOf(const MatrixPlot& plot, const std::string& where, const Marks& marks = {});
PanelFacts FactsOf(const GridPlot& plot, const std::string& where, const Marks& marks = {});

// The name of a panel in an error: its title or, without one, its place.
std::string PanelName(const Panel& panel, size_t row, size_t column);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_PANEL_FACTS_H_
