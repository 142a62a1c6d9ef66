// Where a classifier says what it takes a picture for: the tensor of its scores, and the one before the softmax.
#ifndef CONVSCOPE_INSPECT_CLASSIFIER_H_
#define CONVSCOPE_INSPECT_CLASSIFIER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"

namespace convscope {

struct ClassifierTensors {
  std::string output;  // (N, classes) float32, or the same with one row and one column
  // What a softmax, a log-softmax or a sigmoid makes the output of, (N, 1 ..., classes); `output` where there is none.
  std::string logits;
  bool probabilities = false;  // whether the output is a softmax or a sigmoid; a log-softmax is the logarithm of some
  int64_t classes = 0;         // scores a picture has: 1 where one score tells two classes apart

  // The classes that are told apart.
  int64_t ClassCount() const { return classes == 1 ? 2 : classes; }
};

// `outputs`: those that the model names; empty: what its last node computes. Throws Error where that is not one output
// of this form.
ClassifierTensors FindClassifier(const Graph& graph, const std::vector<std::string>& outputs = {});

// None where FindClassifier would throw: for who tells classes where there are any, and does without where not.
std::optional<ClassifierTensors> TryFindClassifier(const Graph& graph, const std::vector<std::string>& outputs = {});

// What a picture is taken for: the class of the largest score, the first of equal ones; of one score, class 1 where it
// is above 0.5 (a probability) or 0. None where a score is NaN: then nothing is said. `scores`: tensors.classes.
std::optional<int64_t> PredictedClass(const float* scores, const ClassifierTensors& tensors);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_CLASSIFIER_H_
