#include "convscope/figures/film_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

TEST(FilmPages, AreAsLargeAsTheLargestAndTheLastStaysTenTimesAsLong) {
  const Animation film = FilmOf(
      {{.width = 1, .height = 1, .pixels = {{1, 2, 3}}}, {.width = 1, .height = 2, .pixels = {{4, 5, 6}, {7, 8, 9}}}},
      20);
  EXPECT_EQ(film.width, 1);
  EXPECT_EQ(film.height, 2);
  EXPECT_THAT(film.pixels, ElementsAre(1, 2, 3, 255, 255, 255, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(film.milliseconds, ElementsAre(20, 200));
}

TEST(FilmPages, ATimeThatNoAnimationShowsIsRefused) {
  CheckFilmTime(10);
  EXPECT_THROW(CheckFilmTime(9), Error);
  EXPECT_THROW(CheckFilmTime(int64_t{1} << 40), Error);
  EXPECT_THROW(FilmOf({{.width = 1, .height = 1, .pixels = {{1, 2, 3}}}}, 0), Error);
}

}  // namespace
}  // namespace convscope
