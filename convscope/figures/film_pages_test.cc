#include "convscope/figures/film_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FilmPages, AreAsLargeAsTheLargestAndTheLastStaysTenTimesAsLong) {
  const std::vector<Raster> pages = {{.width = 1, .height = 1, .pixels = {{1, 2, 3}}},
                                     {.width = 1, .height = 2, .pixels = {{4, 5, 6}, {7, 8, 9}}}};
  const Animation film = FilmOf(
      2, [&](int64_t page) { return pages[static_cast<size_t>(page)]; }, 20);
  EXPECT_EQ(film.width, 1);
  EXPECT_EQ(film.height, 2);
  EXPECT_THAT(film.pixels, ElementsAre(1, 2, 3, 255, 255, 255, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(film.milliseconds, ElementsAre(20, 200));
}

TEST(FilmPages, ATimeThatNoAnimationShowsIsRefused) {
  CheckFilmTime(10);
  EXPECT_THROW(CheckFilmTime(9), Error);
  EXPECT_THROW(CheckFilmTime(int64_t{1} << 40), Error);
  const auto draw = [](int64_t) { return Raster{.width = 1, .height = 1, .pixels = {{1, 2, 3}}}; };
  EXPECT_THROW(FilmOf(1, draw, 0), Error);
}

TEST(FilmPages, OfMoreThanThereIsRoomForAreRefusedAfterTheFirst) {
  int64_t drawn = 0;
  const auto draw = [&](int64_t) {
    ++drawn;
    return Raster{.width = 1000, .height = 500, .pixels = std::vector<Rgb8>(500'000)};
  };
  try {
    FilmOf(1432, draw, 20);  // 1431 take 2,146,500,000 of 2,147,483,648 bytes
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("1000 x 500 x 1432"));
    EXPECT_THAT(error.what(), HasSubstr("at most 1431 frames"));
  }
  EXPECT_EQ(drawn, 1);
}

}  // namespace
}  // namespace convscope
