// The pictures of a data set that excite the channels of a layer most and least, in words, as files and as a figure.
#ifndef CONVSCOPE_TASKS_TOP_PICTURES_H_
#define CONVSCOPE_TASKS_TOP_PICTURES_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/inspect/field_box.h"
#include "convscope/inspect/top_activations.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct TopRequest {
  ModelChoice model;  // as OpenModel takes it; a built-in one is made for the data's pictures
  OpenDataOptions data;
  bool train = false;             // the training pictures, else the test pictures
  std::string layer;              // empty: as MapLayer chooses
  std::vector<int64_t> channels;  // empty: all
  int64_t count = 6;              // pictures a channel
  bool least = false;             // those that excite it least, too
};

struct TopOutcome {
  std::string model, data;  // names; "fashion-mnist-small"
  std::string part;         // "train" or "test"
  std::string note;         // what was done to its pictures; mostly empty
  bool trained = true;
  std::string layer, before;  // before: the tensor that its activation made it of; mostly empty
  TopActivations top;
  Dataset pictures;
  std::vector<std::string> class_names;  // as ModelData has them
  // Of each channel's `most`, then `least`: where in the picture the value looks.
  std::vector<std::vector<FieldBox>> most_boxes, least_boxes;
};

// Throws Error for a layer or channel that there is not, for pictures that are not the model's, and what OpenModelData
// throws.
TopOutcome FindTopPictures(const TopRequest& request);

std::string TopText(const TopOutcome& outcome);
std::string TopJson(const TopOutcome& outcome);

struct TopFigureOptions {
  bool whole = false;  // whole pictures with the receptive field in a red frame, else that alone
};

// A row of pictures for each channel, many of one size in one table, and one more where `least` was asked for. More
// pictures than can have a caption each stand in sheets under their values alone, as many as a page of two sheets of
// paper has room for. Of more than that, and of more than kMostTopRows rows (half as many where each picture has a
// panel), the first are drawn, and the footer says so. Receptive fields larger than a picture are frames in it.
inline constexpr size_t kMostTopRows = 16;
OwningFigure TopFigure(const TopOutcome& outcome, const TopFigureOptions& options = {});

// Into `folder`, made when missing: LAYER.most.values.npy (channels, N) float32, .samples.npy (channels, N) int64 and
// .places.npy (channels, N, 2) int64, rows and columns of the map; the same of `least`. All or none.
// Where a channel has fewer pictures than others, NaN and -1. Returns the files.
std::vector<std::filesystem::path> SaveTop(const TopOutcome& outcome, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TOP_PICTURES_H_
