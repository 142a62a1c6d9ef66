#include "convscope/inspect/classifier.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/node_behind_views.h"

namespace convscope {
namespace {

// How many scores each of N has: (N, classes), with rows and columns of one where there are any; 0: they are no list.
int64_t ScoreCount(const Shape& shape) {
  if (shape.rank() < 2 || shape.rank() > 4 || shape.NumElements() == 0) return 0;
  const auto lengths = shape.lengths().subspan(1);
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  return shape.NumElements() / shape[0] == longest ? longest : 0;
}

}  // namespace

ClassifierTensors FindClassifier(const Graph& graph, const std::vector<std::string>& outputs) {
  std::vector<std::string> names = outputs;
  if (names.empty() && !graph.nodes().empty()) names = {graph.tensors()[graph.nodes().back().outputs[0]].name};
  const ErrorParts wrong{.where = "model", .rule = "a model that tells classes has one output, (N, classes) float32"};
  if (names.size() != 1) {
    std::string all;
    for (const std::string& name : names) {
      all += Concat(all.empty() ? "" : ", ", name, " ", graph[name].type.shape.ToString());
    }
    throw Error({.where = wrong.where,
                 .rule = wrong.rule,
                 .received = Concat(names.size(), " outputs"),
                 .fix = all.empty() ? "" : "name the one that is meant (--model-output): " + all});
  }
  const int output = graph.Find(names[0]);
  const TensorType& type = graph.tensors()[output].type;
  const int64_t classes = ScoreCount(type.shape);
  if (classes == 0 || type.dtype != DType::kFloat32) {
    throw Error({.where = wrong.where, .rule = wrong.rule, .received = type.ToString()});
  }
  ClassifierTensors found{.output = names[0], .logits = names[0], .classes = classes};
  const GraphNode* const node = NodeBehindViews(graph, output);
  if (node == nullptr) return found;
  const std::string_view operation = node->operation->type();
  if (operation != "Softmax" && operation != "LogSoftmax" && operation != "Sigmoid") return found;
  // A softmax over a part of what is flattened afterwards is none over the classes.
  const GraphTensor& logits = graph.tensors()[node->inputs[0]];
  const Shape& shape = logits.type.shape;
  if (shape.rank() < 2 || shape[0] != type.shape[0] || shape.back() != found.classes) return found;
  found.logits = logits.name;
  found.probabilities = operation != "LogSoftmax";
  return found;
}

std::optional<ClassifierTensors> TryFindClassifier(const Graph& graph, const std::vector<std::string>& outputs) {
  try {
    return FindClassifier(graph, outputs);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<int64_t> PredictedClass(const float* scores, const ClassifierTensors& tensors) {
  const float* const end = scores + tensors.classes;
  if (std::any_of(scores, end, [](float score) { return std::isnan(score); })) return std::nullopt;
  if (tensors.classes == 1) return scores[0] > (tensors.probabilities ? 0.5f : 0.0f) ? 1 : 0;
  return std::max_element(scores, end) - scores;
}

}  // namespace convscope
