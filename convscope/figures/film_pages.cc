#include "convscope/figures/film_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/figures/render_pixels.h"

namespace convscope {
namespace {

constexpr int kLastPage = 10;  // times as long

}  // namespace

Animation FilmOf(std::vector<Raster> pages, int64_t milliseconds) {
  CheckFilmTime(milliseconds);
  Animation animation;
  for (const Raster& page : pages) {
    animation.width = std::max(animation.width, page.width);
    animation.height = std::max(animation.height, page.height);
  }
  for (Raster& page : pages) {
    // A page's pixels go before the next one's are copied.
    const Raster whole = OnWhite(std::exchange(page, {}), animation.width, animation.height);
    for (const Rgb8 pixel : whole.pixels) {
      animation.pixels.insert(animation.pixels.end(), {pixel.r, pixel.g, pixel.b});
    }
    const bool last = &page == &pages.back();
    animation.milliseconds.push_back(static_cast<int>(milliseconds) * (last ? kLastPage : 1));
  }
  return animation;
}

void CheckFilmTime(int64_t milliseconds) {
  constexpr int64_t kMost = std::numeric_limits<int>::max() / kLastPage;
  if (milliseconds >= kLeastMilliseconds && milliseconds <= kMost) return;
  throw Error({.where = "milliseconds",
               .rule = fmt::format("a frame of a film is shown for {} to {} ms", kLeastMilliseconds, kMost),
               .received = fmt::format("{}", milliseconds)});
}

}  // namespace convscope
