// What a model says of pictures: the likeliest classes of each, in words and as a figure.
#ifndef CONVSCOPE_TASKS_PREDICT_PICTURES_H_
#define CONVSCOPE_TASKS_PREDICT_PICTURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/graph/trace.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"

namespace convscope {

struct PredictRequest {
  ModelChoice model;  // as OpenModel takes it
  PictureChoice pictures;
  int64_t top = 5;  // classes told of each, at most all
};

struct ClassScore {
  int64_t number = 0;
  std::string name;
  double score = 0;
};

struct Prediction {
  ModelPicture shown;
  // The highest first. A model with one score p tells two classes apart: p is that of the second; the first has 1 - p,
  // or -p where p is no probability. None where a score is NaN: that predicts nothing.
  std::vector<ClassScore> top;
  int64_t nan_scores = 0;  // scores that are NaN
  std::string nothing;     // NothingText; empty: the first of `top` is predicted
};

struct Predictions {
  std::string model;
  bool trained = true;
  bool probabilities = true;  // whether the scores of a picture are: its output is a softmax or a sigmoid
  std::vector<Prediction> pictures;
};

// Throws Error for a model whose output is no list of classes, and what OpenModel and ReadModelPictures throw.
Predictions PredictPictures(const PredictRequest& request);

// What the scores in a trace say, of a picture that the model was run on already; none for a model whose output is no
// list of classes. `shown` is left to the caller.
struct TracedPrediction {
  bool probabilities = true;
  int64_t classes = 0;
  Prediction prediction;
};
std::optional<TracedPrediction> PredictTraced(const OpenedModel& model, const Trace& trace, int64_t top);

std::string PredictText(const Predictions& predictions);
std::string PredictJson(const Predictions& predictions);
// One row a picture: the picture, and bars of its likeliest classes. Shows arrays of `predictions`.
Figure PredictFigure(const Predictions& predictions);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_PREDICT_PICTURES_H_
