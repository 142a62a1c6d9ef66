// A figure as the pixels of a page, for what puts many of them into one file: the frames of an animation. A figure as a
// file of its own is render.h's.
#ifndef CONVSCOPE_FIGURES_RENDER_PIXELS_H_
#define CONVSCOPE_FIGURES_RENDER_PIXELS_H_

#include "convscope/figures/render.h"
#include "convscope/figures/scene.h"

namespace convscope {

// The same pixels that Save puts into a .png. Throws what it throws for the figure.
Raster RenderPixels(const Figure& figure, const RenderOptions& options = {});

// The raster in the upper left of a white one; as it was where it is that large.
Raster OnWhite(Raster raster, int width, int height);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_RENDER_PIXELS_H_
