// Classes side by side: what the layers of a model make of a picture of each, or of the mean of all its pictures.
// Which filters tell two classes apart best is rank_filters.h's business.
#ifndef CONVSCOPE_TASKS_COMPARE_CLASSES_H_
#define CONVSCOPE_TASKS_COMPARE_CLASSES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/figures/signs.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

struct CompareRequest {
  ModelChoice model;  // as OpenModel takes it
  OpenDataOptions data;
  bool train = false;                // the training pictures, else the test pictures
  int64_t first = 0;                 // choose among the first so many pictures; 0: among all. Not with `mean`
  std::vector<std::string> classes;  // as ParseClasses takes them; empty: all, at most the first kMostClasses
  std::vector<std::string> layers;   // tensors; empty: the first three that are maps, the first four with `filter`
  std::optional<int64_t> filter;     // the channel to show of each layer; else the mean over all channels
  int64_t pictures = 0;              // of each class; 0: one, two with `filter`. Not with `mean`
  bool mean = false;                 // the means over all pictures of a class, in place of pictures
};

inline constexpr size_t kMostClasses = 20, kMostRows = 60;  // in one figure

// A row of the sheet.
struct ComparedRow {
  int64_t label = 0;
  std::string class_name;
  int64_t sample = -1;   // its place in the data; below 0: the row is a mean
  int64_t pictures = 1;  // that it is the mean of
};

struct ComparedLayer {
  std::string tensor;
  MapShape shape;
  Tensor values;               // (rows of the sheet, rows, columns, channels)
  Tensor maps;                 // (H, W, rows of the sheet): what is drawn of them
  std::string shows;           // "mean over 64 channels", "filter 10 of 64", "128 units, row by row"
  Signs signs = Signs::kBoth;  // of its values
};

struct Comparison {
  std::string title;  // model and data: all that a mean is of, or how many pictures there are of how many
  std::string model;
  bool trained = true;
  bool mean = false;
  std::vector<ComparedRow> rows;
  Tensor pictures;      // (rows of the sheet, H, W, C), values from 0 to 1 for stored pictures
  Tensor picture_grid;  // the same as a GridPlot takes them
  bool colour = false;  // of picture_grid
  std::vector<ComparedLayer> layers;
  int64_t undrawn = 0;               // classes left out because there are too many
  std::vector<std::string> without;  // classes that have no picture among those looked at
};

// Throws Error for a class, layer or filter that there is not (naming those that there are), for more than kMostRows
// rows, and as OpenModelData and PassOver do.
Comparison CompareClasses(const CompareRequest& request);

std::string CompareText(const Comparison& comparison);
std::string CompareJson(const Comparison& comparison);
// One row a picture: it, and its map of each layer, each layer on one scale. Shows arrays of `comparison`.
Figure CompareFigure(const Comparison& comparison);
// "pictures" and each layer's values, as .npy files.
std::vector<std::filesystem::path> SaveComparison(const Comparison& comparison, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_COMPARE_CLASSES_H_
