// What an attribution explains: the score of one class of a classifier, and the tensors between the picture and it.
// Scores are logits, never what a softmax makes of them: there, a class can win only by what the others lose.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_TARGET_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_TARGET_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"
#include "convscope/inspect/classifier.h"

namespace convscope {

// The class that has the highest score for the picture at hand.
inline constexpr int64_t kPredictedClass = -1;

struct AttributionTarget {
  std::string input;         // (N, H, W, C) float32: the pictures, by name
  Shape sample;              // (H, W, C)
  ClassifierTensors scores;  // whose `logits` (N, 1 ..., K) are explained
  int64_t classes = 0;       // K; 2 where K is 1: one logit l is the score of class 1, and -l that of class 0
  bool softmax = true;       // the probabilities of classes: softmax of the logits; else the sigmoid of each
  bool rectified = false;    // whether some node is a rectifier, which guided backpropagation and deconvolution change
};

// `outputs`: those that the model names (see FindClassifier, whose errors it throws too). Throws Error for a model
// whose input is not one tensor of pictures.
AttributionTarget FindAttributionTarget(const Graph& graph, const std::vector<std::string>& outputs = {});

// Of the logits (K,) of one picture.
float ScoreOf(std::span<const float> logits, int64_t class_index);
int64_t PredictedClass(std::span<const float> logits);  // the first of equals

// Throws Error where a logit is NaN, since such scores predict no class.
void CheckPredicts(std::span<const float> logits);
double ProbabilityOf(const AttributionTarget& target, std::span<const float> logits, int64_t class_index);

// Throws Error where the classes 0 to classes - 1 do not hold `class_index`; kPredictedClass is always one.
void CheckClass(const AttributionTarget& target, int64_t class_index);

// Throws Error for another shape or type than one picture (1, H, W, C) float32.
void CheckPicture(const AttributionTarget& target, const Tensor& input);

// The tensors that a class activation map can be made of: (N, rows, columns, channels), more than one place, on the way
// from the input to the logits; in the order in which they are computed.
std::vector<std::string> CamLayers(const Graph& graph, const AttributionTarget& target);

// The last of them whose rows and columns are the picture's (HavePictureAxes): of a transformer not a product of
// attention. None where there is none.
std::optional<std::string> UsualCamLayer(const Graph& graph, const AttributionTarget& target);

// `wanted`, or UsualCamLayer. Throws Error where that is none, and for one that is not of CamLayers, with those that
// are.
std::string CamLayer(const Graph& graph, const AttributionTarget& target, const std::optional<std::string>& wanted);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_TARGET_H_
