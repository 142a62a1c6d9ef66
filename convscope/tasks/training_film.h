// How a network changes while it learns, from the snapshots of its run: filters, maps and scores, step by step, as an
// animation or as a strip.
#ifndef CONVSCOPE_TASKS_TRAINING_FILM_H_
#define CONVSCOPE_TASKS_TRAINING_FILM_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/tasks/model_picture.h"

namespace convscope {

struct TrainingFilmRequest {
  ModelChoice run;                // a run folder with snapshots
  std::string filters;            // a kernel that the run has kept; empty: the first that it has of a convolution
  PictureChoice picture;          // one, to see what the network makes of it; none: filters alone
  std::string layer;              // whose maps are shown of the picture; empty: none
  std::vector<int64_t> channels;  // of it; empty: the mean of its maps
  int64_t frames = 0;             // at most; 0: 100 of an animation, 6 of a strip
  int64_t milliseconds = 100;     // that each is shown; the last one ten times as long
  std::filesystem::path output;   // .gif or .webp; or .png, .svg or .pdf for a strip, whose columns are frames
};

struct TrainingFilm {
  std::string model;
  std::string filters;
  std::vector<int64_t> steps;  // a frame each
  std::filesystem::path output;
};

// Writes the file. One scale holds for the filters of all frames, and one for the maps. What is shown of a picture
// needs the parameters of all layers up to there. Throws Error for what is no run folder, where the run has not kept
// them, for a layer, a channel or a kernel that there is not, and what OpenModel, ReadModelPictures and writing throw;
// then no file is left. Ending and time are checked before the work.
TrainingFilm MakeTrainingFilm(const TrainingFilmRequest& request);

// Throws the Error that MakeTrainingFilm would throw for the ending of `path`.
void CheckTrainingFilmPath(const std::filesystem::path& path);

std::string TrainingFilmText(const TrainingFilm& film);
std::string TrainingFilmJson(const TrainingFilm& film);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAINING_FILM_H_
