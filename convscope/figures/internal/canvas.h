// Draws a scene with Cairo: to pixels and to PDF.
#ifndef CONVSCOPE_FIGURES_INTERNAL_CANVAS_H_
#define CONVSCOPE_FIGURES_INTERNAL_CANVAS_H_

#include <string>

#include "convscope/figures/scene.h"

namespace convscope::internal {

// The page as pixels. Throws Error for a page of more than 32,767 pixels in a direction.
Raster PixelsOf(const Scene& scene, double pixels_per_point);

// The bytes of a PDF file of one page, without a date.
std::string PdfBytes(const Scene& scene, const std::string& title);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_CANVAS_H_
