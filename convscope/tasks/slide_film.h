// An animation of a window that slides over a map while the map that it computes fills: what a convolution or a pool
// does, number by number.
#ifndef CONVSCOPE_TASKS_SLIDE_FILM_H_
#define CONVSCOPE_TASKS_SLIDE_FILM_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"

namespace convscope {

struct SlideFilmRequest {
  ModelChoice model;             // as OpenModel takes it
  PictureChoice pictures;        // one
  std::string layer;             // a tensor; empty: the first whose values come out of a window
  int64_t channel = 0;           // of it
  int64_t frames = 100;          // at most; of a larger map, places are left out evenly
  int64_t milliseconds = 100;    // that each is shown; the last one ten times as long
  std::filesystem::path output;  // .gif or .webp
};

struct SlideFilm {
  std::string model;
  bool trained = true;
  std::string source;  // of the picture
  std::string layer, operation;
  std::string input;  // that the window slides over
  int64_t channel = 0;
  int64_t input_channel = 0, input_channels = 1;  // the one that is shown
  int64_t rows = 0, columns = 0;                  // of the map that fills
  int64_t places = 0;                             // of it
  int64_t frames = 0;
  int64_t width = 0, height = 0;  // of a frame, in pixels
  std::filesystem::path output;
};

// Writes the file. Throws Error for a layer without rows and columns or whose values do not all come out of one window,
// for a channel that there is not, and what OpenModel, ReadModelPictures and WriteAnimation throw; then no file is
// left. Ending and time are checked before the work.
SlideFilm MakeSlideFilm(const SlideFilmRequest& request);

std::string SlideFilmText(const SlideFilm& film);
std::string SlideFilmJson(const SlideFilm& film);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SLIDE_FILM_H_
