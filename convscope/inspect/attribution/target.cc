#include "convscope/inspect/attribution/target.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/node_behind_views.h"
#include "convscope/graph/only_input.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/picture_axes.h"

namespace convscope {
namespace {

double Sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// Tensors that depend on the input and that the logits depend on.
std::vector<bool> OnTheWay(const Graph& graph, const AttributionTarget& target) {
  std::vector<bool> after(graph.tensors().size()), before(graph.tensors().size());
  after[static_cast<size_t>(graph.Find(target.input))] = true;
  before[static_cast<size_t>(graph.Find(target.scores.logits))] = true;
  const auto any = [](const std::vector<int>& tensors, const std::vector<bool>& marked) {
    return std::any_of(tensors.begin(), tensors.end(), [&](int t) { return marked[static_cast<size_t>(t)]; });
  };
  for (const GraphNode& node : graph.nodes()) {
    if (!any(node.inputs, after)) continue;
    for (const int t : node.outputs) after[static_cast<size_t>(t)] = true;
  }
  for (size_t i = graph.nodes().size(); i-- > 0;) {
    if (!any(graph.nodes()[i].outputs, before)) continue;
    for (const int t : graph.nodes()[i].inputs) before[static_cast<size_t>(t)] = true;
  }
  for (size_t t = 0; t < after.size(); ++t) after[t] = after[t] && before[t];
  return after;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

AttributionTarget FindAttributionTarget(const Graph& graph, const std::vector<std::string>& outputs) {
  AttributionTarget target{.scores = FindClassifier(graph, outputs)};
  target.input = OnlyPictureInput(
      graph, {.where = "model",
              .rule = "what is attributed to pixels has one input of pictures, (N, rows, columns, channels) float32"});
  const Shape& shape = graph[target.input].type.shape;
  target.sample = {shape[1], shape[2], shape[3]};
  target.classes = std::max<int64_t>(target.scores.classes, 2);
  const GraphNode* const last = NodeBehindViews(graph, graph.Find(target.scores.output));
  target.softmax = target.scores.classes > 1 && (last == nullptr || last->operation->type() != "Sigmoid");
  for (const GraphNode& node : graph.nodes()) {
    const std::string_view type = node.operation->type();
    target.rectified = target.rectified || type == "Relu" || type == "Relu6" || type == "LeakyRelu";
  }
  return target;
}

float ScoreOf(std::span<const float> logits, int64_t class_index) {
  if (logits.size() == 1) return class_index == 1 ? logits[0] : -logits[0];
  return logits[static_cast<size_t>(class_index)];
}

int64_t PredictedClass(std::span<const float> logits) {
  if (logits.size() == 1) return logits[0] > 0 ? 1 : 0;
  return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

void CheckPredicts(std::span<const float> logits) {
  const int64_t nans = NanCount(logits);
  if (nans == 0) return;
  throw Error({.where = "class",
               .rule = "the predicted class is explained where none is chosen, and a score that is NaN predicts none",
               .received = Concat(nans, " of ", logits.size(), " scores that are NaN"),
               .fix = "choose a class, or look at the layers for where the NaN begin"});
}

double ProbabilityOf(const AttributionTarget& target, std::span<const float> logits, int64_t class_index) {
  const auto score = static_cast<double>(ScoreOf(logits, class_index));
  if (!target.softmax) return Sigmoid(score);
  // Of differences, so that no power overflows.
  double others = 0;
  for (const float logit : logits) others += std::exp(static_cast<double>(logit) - score);
  return 1 / others;
}

void CheckClass(const AttributionTarget& target, int64_t class_index) {
  if (class_index == kPredictedClass || (class_index >= 0 && class_index < target.classes)) return;
  throw Error({.where = "class",
               .rule = Concat("the model has classes 0 to ", target.classes - 1),
               .received = Concat(class_index)});
}

void CheckPicture(const AttributionTarget& target, const Tensor& input) {
  const TensorType wanted{{1, target.sample[0], target.sample[1], target.sample[2]}};
  const TensorType received{input.shape(), input.dtype()};
  if (received == wanted) return;
  throw Error({.where = "picture",
               .rule = Concat("the model's input is ", wanted.ToString()),
               .received = received.ToString()});
}

std::vector<std::string> CamLayers(const Graph& graph, const AttributionTarget& target) {
  const std::vector<bool> on_the_way = OnTheWay(graph, target);
  const int64_t batch = graph[target.input].type.shape[0];
  std::vector<std::string> layers;
  for (size_t t = 0; t < on_the_way.size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    const Shape& shape = tensor.type.shape;
    if (!on_the_way[t] || tensor.role != TensorRole::kComputed || tensor.type.dtype != DType::kFloat32) continue;
    if (shape.rank() != 4 || shape[0] != batch) continue;
    const MapShape maps = MapShapeOf(shape, tensor.name);
    if (maps.has_places && maps.rows * maps.columns > 1) layers.push_back(tensor.name);
  }
  return layers;
}

std::optional<std::string> UsualCamLayer(const Graph& graph, const AttributionTarget& target) {
  const std::vector<bool> of_picture = HavePictureAxes(graph);
  const std::vector<std::string> layers = CamLayers(graph, target);
  const auto last = std::find_if(layers.rbegin(), layers.rend(), [&](const std::string& layer) {
    return of_picture[static_cast<size_t>(graph.Find(layer))];
  });
  return last == layers.rend() ? std::nullopt : std::optional(*last);
}

std::string CamLayer(const Graph& graph, const AttributionTarget& target, const std::optional<std::string>& wanted) {
  if (wanted) graph.Find(*wanted);  // an unknown name is told with the nearest ones
  if (!wanted) {
    if (const auto usual = UsualCamLayer(graph, target)) return *usual;
  }
  const std::vector<std::string> layers = CamLayers(graph, target);
  if (wanted && std::find(layers.begin(), layers.end(), *wanted) != layers.end()) return *wanted;
  throw Error({.where = wanted ? "layer " + *wanted : "model",
               .rule = "a class activation map is made of a layer with more than one row or column, computed from the "
                       "picture, that the scores depend on",
               .received = wanted ? graph[*wanted].type.ToString() : "a model without such a layer",
               .fix = layers.empty() ? "choose a method of the gradients, or occlusion" : "choose " + Listed(layers)});
}

}  // namespace convscope
