// From what a figure shows to where everything stands: Figure in, Scene out. Draws nothing.
//
// Panels of a row stand side by side at one height, but for matrices that would then be very wide, each under its title
// and above its colour bar and caption. A row
// that does not fit at a readable height is broken into as few lines as possible, as even as possible. Every text is
// measured first, so texts neither overlap nor leave the page.
#ifndef CONVSCOPE_FIGURES_LAYOUT_H_
#define CONVSCOPE_FIGURES_LAYOUT_H_

#include "convscope/figures/figure.h"
#include "convscope/figures/scene.h"

namespace convscope {

struct LayoutOptions {
  double width = 720;           // of the page at most, in points, 200 to 10,000; a small figure's page is narrower
  double pixels_per_point = 2;  // of the device: maps are averaged down to its pixels, and stand on their borders
  // From this enlargement on, a map keeps its own pixels and the renderer enlarges them; below it, it is resampled to
  // the device's. 1 for devices whose pixels are not known (SVG, PDF).
  double sharp_from = 4;
};

// Throws Error for an empty figure, for a panel whose array has a shape that it cannot draw, for a frame outside its
// map, and for options out of range.
Scene LayOut(const Figure& figure, const LayoutOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_LAYOUT_H_
