// Writes pixels as a PNG file, fast: figures are mostly flat, and are made while somebody waits.
#ifndef CONVSCOPE_FIGURES_INTERNAL_PNG_H_
#define CONVSCOPE_FIGURES_INTERNAL_PNG_H_

#include <string>

#include "convscope/figures/scene.h"

namespace convscope::internal {

// The bytes of a PNG file of 8-bit RGB; `pixels_per_point` is stored, so that it prints at its size. The bytes do not
// depend on the number of threads.
std::string PngBytes(const Raster& raster, double pixels_per_point);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_PNG_H_
