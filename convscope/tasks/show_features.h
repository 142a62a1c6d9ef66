// What a model computes of one picture: every tensor, by name.
#ifndef CONVSCOPE_TASKS_SHOW_FEATURES_H_
#define CONVSCOPE_TASKS_SHOW_FEATURES_H_

#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/trace.h"
#include "convscope/inspect/classifier.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

struct FeaturesRequest {
  ModelChoice model;                // as OpenModel takes it
  PictureChoice picture;            // of one picture
  std::vector<std::string> layers;  // names of tensors; empty: what each layer hands on (LayerTensors)
};

struct Features {
  OpenedModel model;
  ModelPicture shown;
  Trace trace;
  std::vector<std::string> layers;
  bool chosen = false;  // whether the request named them
};

// Throws Error for a layer that there is not, with those that there are, and what OpenModel and ReadModelPictures
// throw. `picture` must name one picture.
Features ShowFeatures(const FeaturesRequest& request);

// "bag.png, which is: Bag (scaled and cut from 30 x 30 to 28 x 28)"
std::string PictureText(const ModelPicture& shown);

// Of scores (1, classes): the class of the highest, by name, and how high: "Bag, 98.2 %", "Bag, score 5.21". Empty for
// what is no classifier.
std::string VerdictText(const OpenedModel& model, const Trace& trace);

// A table: the shape, extremes, mean, zeros and dead maps of each layer.
std::string FeaturesText(const Features& features);
std::string FeaturesJson(const Features& features);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_SHOW_FEATURES_H_
