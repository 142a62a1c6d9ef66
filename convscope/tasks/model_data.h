// A model and the data set that it is looked at with, opened so that they fit together.
#ifndef CONVSCOPE_TASKS_MODEL_DATA_H_
#define CONVSCOPE_TASKS_MODEL_DATA_H_

#include <optional>
#include <string>
#include <vector>

#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

// The data set of `options`; where `model`, as OpenModel takes it, is a run folder, cut and split as in its training.
OpenedData OpenDataFor(const std::string& model, const OpenDataOptions& options);
std::optional<OpenedData> OpenDataFor(const std::string& model, const std::optional<OpenDataOptions>& options);

// `model` as OpenModel takes it, for pictures of `data`: a built-in network is made for their size and colours and for
// as many classes. Where that is not what it was designed for, its name says so: "resnet18 for 28 x 28 x 1, 10
// classes". Any other model is what it is. Throws Error where a built-in network cannot be made for such pictures.
OpenedModel OpenModelFor(const ModelChoice& model, const OpenedData& data);
OpenedModel OpenModelFor(const ModelChoice& model, const std::optional<OpenedData>& data);  // none: as OpenModel

struct ModelData {
  OpenedModel model;
  Dataset data;                          // one part of it
  std::string name;                      // of the data: "fashion-mnist-small"
  std::string title;                     // "2000 test pictures of fashion-mnist-small"
  std::string part;                      // "test"
  std::string remark;                    // on names of classes that do not agree; may be empty
  std::vector<std::string> class_names;  // one for each class of the data: as the model calls it, else as the data do

  // "fashion-cnn (untrained): 2000 test pictures of fashion-mnist-small", for figures.
  std::string Title() const { return model.title() + ": " + title; }
};

// OpenDataFor and OpenModelFor. Throws Error where classes have other numbers in both, and what both throw.
ModelData OpenModelData(const ModelChoice& model, const OpenDataOptions& data, bool train);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_DATA_H_
