// A model and the data set that it is looked at with, opened so that they fit together.
#ifndef CONVSCOPE_TASKS_MODEL_DATA_H_
#define CONVSCOPE_TASKS_MODEL_DATA_H_

#include <string>
#include <vector>

#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

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

// `model` as OpenModel takes it. Where it is a run folder, data are cut and split as in its training; a built-in
// network is made for pictures like those of the data. Throws Error where classes have other numbers in both, and what
// OpenModel and OpenData throw.
ModelData OpenModelData(const std::string& model, const OpenDataOptions& data, bool train);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_MODEL_DATA_H_
