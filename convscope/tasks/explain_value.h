// Why a number of a network is what it is, on one picture: its arithmetic, the pixels that it depends on and, if
// wanted, where the largest part of it comes from. In words, as JSON and as a figure.
#ifndef CONVSCOPE_TASKS_EXPLAIN_VALUE_H_
#define CONVSCOPE_TASKS_EXPLAIN_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "convscope/inspect/explanation.h"
#include "convscope/inspect/receptive_pixels.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/owning_figure.h"

namespace convscope {

struct ExplainRequest {
  ModelChoice model;       // as OpenModel takes it
  PictureChoice pictures;  // one
  std::string at;          // "conv_1:12,3,5", see ParseValuePlace
  bool walk_back = false;  // follow the largest contributions to the picture
  int64_t top = 8;         // channels and contributions told, the largest first; the others as one sum
};

struct ExplainedValue {
  std::string model;
  bool trained = true;
  ModelPicture shown;
  std::vector<std::string> class_names;  // of the classifier's scores; empty: unknown
  std::vector<Explanation> chain;        // the value, then what it went through
  ReceptivePixels field;                 // of the value
  std::vector<BackwardStep> steps;       // none unless it was wanted
  std::set<std::string> never_negative;  // tensors, see NeverNegative
  int64_t top = 8;
  std::shared_ptr<const Trace> trace;
};

// Throws Error for a tensor, a place or a sample that there is not, and what OpenModel and ReadModelPictures throw.
ExplainedValue ExplainOn(const ExplainRequest& request);

// The same of a picture that the model was run on already; `model` is for one picture. Of the request `at`, `walk_back`
// and `top` count.
ExplainedValue ExplainTraced(const OpenedModel& model, ModelPicture shown, std::shared_ptr<const Trace> trace,
                             const ExplainRequest& request);

std::string ExplainText(const ExplainedValue& value);
// All of it: every term, the mask row by row. Of a value of more than `most_terms` terms the largest so many are told,
// and "left_out" how many others there are and what they sum to.
std::string ExplainJson(const ExplainedValue& value, size_t most_terms = SIZE_MAX);
// The picture with what the value depends on, the rest dimmed; window, kernel and products; the partial sums. Shows
// arrays of `value`.
OwningFigure ExplainFigure(const ExplainedValue& value);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_EXPLAIN_VALUE_H_
