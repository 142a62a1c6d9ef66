// Which filters of a model tell two classes apart best, by d' (convscope/inspect/class_means.h).
#ifndef CONVSCOPE_TASKS_RANK_FILTERS_H_
#define CONVSCOPE_TASKS_RANK_FILTERS_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/figures/signs.h"
#include "convscope/inspect/class_means.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct RankRequest {
  ModelChoice model;  // as OpenModel takes it
  OpenDataOptions data;
  bool train = false;                // the training pictures, else the test pictures
  std::vector<std::string> classes;  // as ParseClasses takes them: two
  std::vector<std::string> layers;   // tensors; empty: all layers that are maps, or all where none is
};

struct FilterRanking {
  std::string title;  // model and data
  std::string model;
  bool trained = true;
  std::array<int64_t, 2> classes = {};
  std::array<std::string, 2> names;
  std::array<int64_t, 2> pictures = {};
  std::vector<ChannelSeparation> ranked;  // all, the best first
  ClassMeans means;                       // of both classes, of the layers looked at
  std::vector<Signs> signs;               // of the values of each of means.layers
};

// Throws Error for a class or layer that there is not, for another number of classes than two, for a class of fewer
// than two pictures, and as MeansOfClasses does.
FilterRanking RankFilters(const RankRequest& request);

// The first `top`; equal ones have one rank.
std::string RankText(const FilterRanking& ranking, int64_t top);
std::string RankJson(const FilterRanking& ranking, int64_t top);
// Bars of the first `top`, and the mean maps of both classes of the first few.
OwningFigure RankFigure(const FilterRanking& ranking, int64_t top);
// Each layer's mean maps of both classes, (2, rows, columns, channels), as .npy files.
std::vector<std::filesystem::path> SaveRanking(const FilterRanking& ranking, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_RANK_FILTERS_H_
