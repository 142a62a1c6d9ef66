// Pages of a film as one animation. Not here: what is on them (render_pixels.h draws it) and the file (animation.h).
#ifndef CONVSCOPE_FIGURES_FILM_PAGES_H_
#define CONVSCOPE_FIGURES_FILM_PAGES_H_

#include <cstdint>
#include <functional>

#include "convscope/figures/scene.h"
#include "convscope/image/animation.h"

namespace convscope {

// `pages` pages, 1 or more, that `draw` makes, called once for each in their order. Each is shown `milliseconds`, the
// last one ten times as long. Texts of other lengths may make pages some pixels smaller: each is put on white, as wide
// and as high as the largest are. Throws Error for pages of more than 2 GiB together, which the first one tells, and
// what CheckFilmTime throws.
Animation FilmOf(int64_t pages, const std::function<Raster(int64_t page)>& draw, int64_t milliseconds);

// Throws Error for a time that no animation can show a page: to refuse it before the work.
void CheckFilmTime(int64_t milliseconds);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_FILM_PAGES_H_
