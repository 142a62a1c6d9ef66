#include "convscope/figures/render_pixels.h"

#include <algorithm>
#include <utility>

#include "convscope/figures/internal/canvas.h"
#include "convscope/figures/layout.h"

namespace convscope {

Raster RenderPixels(const Figure& figure, const RenderOptions& options) {
  const Scene scene = LayOut(figure, {.width = options.width, .pixels_per_point = options.pixels_per_point});
  return internal::PixelsOf(scene, options.pixels_per_point);
}

Raster OnWhite(Raster raster, int width, int height) {
  if (raster.width == width && raster.height == height) return raster;
  Raster page{width, height, std::vector<Rgb8>(static_cast<size_t>(width) * height, Rgb8{255, 255, 255})};
  for (int row = 0; row < std::min(height, raster.height); ++row) {
    std::copy_n(raster.pixels.begin() + static_cast<ptrdiff_t>(row) * raster.width, std::min(width, raster.width),
                page.pixels.begin() + static_cast<ptrdiff_t>(row) * width);
  }
  return page;
}

}  // namespace convscope
