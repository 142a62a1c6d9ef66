// A model and the data set that it is looked at with, opened so that they fit together.
#ifndef CONVSCOPE_TASKS_MODEL_DATA_H_
#define CONVSCOPE_TASKS_MODEL_DATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

// The data set of `options` for `model`, as OpenModel takes it, which is `file`. Pictures of a folder are prepared as a
// picture file is: brought to the size and the colours of the input, as its preprocessing says, where `options` ask for
// no others. Where the model is a run folder, they are split as in its training.
std::optional<OpenedData> OpenDataFor(const std::string& model, const ModelFile& file,
                                      const std::optional<OpenDataOptions>& options);  // none: none

struct ModelAndData {
  OpenedModel model;
  std::optional<OpenedData> data;  // where one is asked for
};

// `model` as OpenModel takes it, and OpenDataFor it. A built-in network is the other way around made for the pictures:
// for their size, which with weights of a file is its own one where `data` ask for none, their colours and as many
// classes. Where that is not what it was designed for, its name says so: "resnet18 for 28 x 28 x 1, 10 classes". Throws
// Error where it cannot be made for such pictures.
ModelAndData OpenModelAndData(const ModelChoice& model, const std::optional<OpenDataOptions>& data);

inline constexpr int64_t kMostFittedBytes = int64_t{1} << 31;

struct ModelData {
  OpenedModel model;
  Dataset data;                          // one part of it
  std::string name;                      // of the data: "fashion-mnist-small"
  std::string note;                      // what was done to the pictures; mostly empty
  std::string title;                     // "2000 test pictures of fashion-mnist-small", and the note
  std::string part;                      // "test"
  std::string remark;                    // on names of classes that do not agree; may be empty
  std::vector<std::string> class_names;  // one for each class of the data: as the model calls it, else as the data do

  // "fashion-cnn (untrained): 2000 test pictures of fashion-mnist-small", for figures.
  std::string Title() const { return model.title() + ": " + title; }
};

// OpenModelAndData, of one part. 8-bit pictures of another size than the model's are brought to that as a picture file
// is, to whole numbers again, where they then take at most kMostFittedBytes. Throws Error where classes have other
// numbers in both, and what that throws.
ModelData OpenModelData(const ModelChoice& model, const OpenDataOptions& data, bool train);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_DATA_H_
