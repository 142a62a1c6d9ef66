// Writes a scene as SVG, by hand: a library that draws SVG turns text into outlines, and here it stays text.
#ifndef CONVSCOPE_FIGURES_INTERNAL_SVG_H_
#define CONVSCOPE_FIGURES_INTERNAL_SVG_H_

#include <string>

#include "convscope/figures/scene.h"

namespace convscope::internal {

// A document of its own, images inside; each text is told its width, so that another font cannot make it overlap.
std::string SvgText(const Scene& scene);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_SVG_H_
