// What a network dreams of: the pictures, beside the best of a data set, and how the climb went.
#ifndef CONVSCOPE_TASKS_DREAM_PICTURE_H_
#define CONVSCOPE_TASKS_DREAM_PICTURE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/inspect/dream.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct DreamRequest {
  ModelChoice model;  // as OpenModel takes it, or with `data` as OpenModelData does
  // One of: a class, by number or name; a value, as ParseValuePlace takes it; a channel of a layer (empty: as
  // MapLayer chooses).
  std::string class_name, at, layer;
  int64_t channel = 0;
  DreamOptions options;               // `from` and `scaling` are set here
  std::optional<PictureChoice> from;  // one picture
  std::optional<OpenDataOptions> data;
  bool train = false;  // the training pictures of `data`, else the test pictures
};

// The picture of a data set that has the largest goal.
struct BestOfData {
  Tensor picture;  // (H, W, C)
  float goal = 0;
  int64_t sample = 0;
  std::string name;   // of its class
  std::string among;  // "10000 test pictures of mnist"
};

struct DreamOutcome {
  std::string model;
  bool trained = true;
  DreamGoal goal;
  std::string what;  // "channel 3 of conv_layer_3 (mean of its map)"
  DreamOptions options;
  std::string from;  // the picture it began with; empty: noise
  Dream dream;
  std::optional<BestOfData> best;
};

// Throws Error for what there is not to dream of, and what OpenModel, OpenModelData and MakeDream throw.
DreamOutcome DreamPictures(const DreamRequest& request);

std::string DreamText(const DreamOutcome& outcome);
std::string DreamJson(const DreamOutcome& outcome);
OwningFigure DreamFigure(const DreamOutcome& outcome);

// Into `folder`, made when missing: pictures.npy (N, H, W, C), 0 to 1, and curve.npy (steps, N). Returns the files.
std::vector<std::filesystem::path> SaveDream(const DreamOutcome& outcome, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_DREAM_PICTURE_H_
