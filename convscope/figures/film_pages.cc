#include "convscope/figures/film_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/figures/render_pixels.h"

namespace convscope {
namespace {

constexpr int kLastPage = 10;  // times as long
constexpr int64_t kMostBytes = int64_t{2} << 30;

// The bytes of all pages.
int64_t CheckedSize(const Animation& animation, int64_t pages) {
  const int64_t of_page = int64_t{3} * animation.width * animation.height;
  if (pages <= kMostBytes / std::max<int64_t>(1, of_page)) return pages * of_page;
  throw Error({.where = "frames",
               .rule = fmt::format("width x height x frames of a film take at most {} MiB", kMostBytes >> 20),
               .received = fmt::format("{} x {} x {}, 3 bytes each", animation.width, animation.height, pages),
               .fix = fmt::format("choose at most {} frames", kMostBytes / of_page)});
}

}  // namespace

Animation FilmOf(int64_t count, const std::function<Raster(int64_t page)>& draw, int64_t milliseconds) {
  CheckFilmTime(milliseconds);
  Animation animation;
  std::vector<Raster> pages;
  for (int64_t i = 0; i < count; ++i) {
    const Raster& page = pages.emplace_back(draw(i));
    animation.width = std::max(animation.width, page.width);
    animation.height = std::max(animation.height, page.height);
    CheckedSize(animation, count);
  }
  animation.pixels.reserve(static_cast<size_t>(CheckedSize(animation, count)));
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
