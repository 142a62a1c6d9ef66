// The bar under a panel that says which colour stands for which value.
#ifndef CONVSCOPE_FIGURES_INTERNAL_COLOR_BAR_H_
#define CONVSCOPE_FIGURES_INTERNAL_COLOR_BAR_H_

#include "convscope/figures/internal/panel_body.h"
#include "convscope/figures/internal/panel_facts.h"

namespace convscope::internal {

inline constexpr double kColorBarHeight = 20;  // with its labels, in points

// The colour at `t`, 0 to 1, of the bar, as it is in the panel.
Rgb8 ColorAt(const ColorBar& bar, float t);

// The narrowest bar whose labels do not touch.
double LeastColorBarWidth(const ColorBar& bar, Sheet* sheet);

// Draws the bar with its upper left corner at (x, y): the ends are labelled ("≥" where values
// lie beyond) and, on a diverging map, zero.
void DrawColorBar(const ColorBar& bar, double x, double y, double width, Sheet* sheet, Scene* scene);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_COLOR_BAR_H_
