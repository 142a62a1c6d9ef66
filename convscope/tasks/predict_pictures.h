// What a model says of pictures: the likeliest classes of each, in words and as a figure.
#ifndef CONVSCOPE_TASKS_PREDICT_PICTURES_H_
#define CONVSCOPE_TASKS_PREDICT_PICTURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/tasks/filter_figure.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

struct PredictRequest {
  std::string model;                    // as OpenModel takes it
  std::vector<std::string> pictures;    // files; "-" is standard input
  std::optional<OpenDataOptions> data;  // or pictures of a data set's test part:
  std::vector<int64_t> samples;         // their places in it
  int64_t top = 5;                      // classes told of each, at most all
  Progress progress;
};

struct ClassScore {
  int64_t number = 0;
  std::string name;
  double score = 0;
};

struct Prediction {
  std::string source;  // the file, or "mnist test 7"
  Tensor picture;      // (H, W, C), 0 to 1, as the model saw it before its preprocessing
  std::string note;    // what was done to the picture; empty: nothing
  // The highest first. A model with one score p tells two classes apart: p is that of the second; the first has 1 - p,
  // or -p where p is no probability.
  std::vector<ClassScore> top;
  std::optional<std::string> truth;  // where a data set tells it
};

struct Predictions {
  std::string model;
  bool trained = true;
  bool probabilities = true;  // whether the scores of a picture are: its output is a softmax or a sigmoid
  std::vector<Prediction> pictures;
};

// A picture of another size is scaled to cover the model's input and cut to its middle; grey is made of colour, and
// colour of grey, as the input wants. Throws Error for a model whose input is no picture, or whose output is no list of
// classes, for a sample that does not exist, and what OpenModel, OpenData and ReadPicture throw.
Predictions PredictPictures(const PredictRequest& request);

std::string PredictText(const Predictions& predictions);
std::string PredictJson(const Predictions& predictions);
// One row a picture: the picture, and bars of its likeliest classes. Shows arrays of `predictions`.
Figure PredictFigure(const Predictions& predictions);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_PREDICT_PICTURES_H_
