// What a film is asked for is refused before the model is opened: here there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "convscope/base/error.h"
#include "convscope/tasks/slide_film.h"
#include "convscope/tasks/training_film.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const SlideFilmRequest& request) {
  try {
    MakeSlideFilm(request);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string ErrorOf(const TrainingFilmRequest& request) {
  try {
    MakeTrainingFilm(request);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(FilmRequest, OfASlidingWindowIsCheckedBeforeTheWork) {
  EXPECT_THAT(ErrorOf(SlideFilmRequest{.model = "no model", .output = "a.png"}), HasSubstr(".gif or .webp"));
  EXPECT_THAT(ErrorOf(SlideFilmRequest{.model = "no model", .milliseconds = 9, .output = "a.gif"}), HasSubstr("10 to"));
  EXPECT_THAT(ErrorOf(SlideFilmRequest{.model = "no model", .frames = 0, .output = "a.gif"}), HasSubstr("a frame"));
}

TEST(FilmRequest, OfATrainingIsCheckedBeforeTheWork) {
  EXPECT_THAT(ErrorOf(TrainingFilmRequest{.run = "no run", .output = "a.mp4"}), HasSubstr(".gif or .webp"));
  EXPECT_THAT(ErrorOf(TrainingFilmRequest{.run = "no run", .milliseconds = 9, .output = "a.webp"}), HasSubstr("10 to"));
  // A strip has no times.
  EXPECT_THAT(ErrorOf(TrainingFilmRequest{.run = "no run", .milliseconds = 9, .output = "a.png"}),
              HasSubstr("run folder with snapshots"));
}

}  // namespace
}  // namespace convscope
