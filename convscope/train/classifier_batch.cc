#include "convscope/train/classifier_batch.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/node_behind_views.h"

namespace convscope {

int64_t CheckClassifier(const Graph& network, const TrainingGoal& goal, const Dataset& data) {
  const TrainingGraph made = MakeTrainingGraph(network, goal, 1, false);
  const TensorType& input = made.graph[made.input].type;
  const Shape wanted{1, data.height(), data.width(), data.channels()};
  if (input != TensorType{wanted, DType::kFloat32}) {
    throw Error({.where = "input " + made.input,
                 .rule = Concat("the pictures of ", data.name(), " are ",
                                TensorType{wanted, DType::kFloat32}.ToString(), " in a batch of one"),
                 .received = Concat("a network for ", input.ToString()),
                 .fix = "use a network and data of the same size and number of channels"});
  }
  const Shape& scores = made.graph[made.scores].type.shape;
  if (scores.rank() != 2) {
    throw Error({.where = "output " + made.output,
                 .rule = "a classifier has one score for each class, (N, classes)",
                 .received = scores.ToString()});
  }
  const int64_t classes = std::max<int64_t>(2, scores[1]);
  if (data.classes() > classes) {
    throw Error({.where = "output " + made.output,
                 .rule = Concat(data.name(), " has ", data.classes(), " classes"),
                 .received = Concat("a network that tells ", classes, " apart")});
  }
  if (scores[1] == 1 && goal.loss.kind == LossKind::kSparseCategoricalCrossEntropy) {
    throw Error({.where = "output " + made.output,
                 .rule = "sparse_categorical_crossentropy needs a score for each class",
                 .received = scores.ToString(),
                 .fix = "use binary_crossentropy for one score, or two outputs"});
  }
  return classes;
}

std::optional<ErrorParts> MisfitOfLoss(const Graph& network, const std::string& output, const LossOp& loss) {
  const bool crossentropy = loss.kind == LossKind::kSparseCategoricalCrossEntropy ||
                            loss.kind == LossKind::kCategoricalCrossEntropy ||
                            loss.kind == LossKind::kBinaryCrossEntropy;
  if (!crossentropy) return std::nullopt;
  const GraphNode* const node = NodeBehindViews(network, network.Find(output));
  const std::string_view type = node == nullptr ? "" : node->operation->type();
  const bool probabilities = type == "Softmax" || type == "Sigmoid";
  if (probabilities != loss.from_logits) return std::nullopt;
  return ErrorParts{
      .where = "output " + output,
      .rule = Concat(Name(loss.kind), loss.from_logits ? " from logits is made of what is no probability yet"
                                                       : " is made of probabilities"),
      .received = type.empty() ? "an input" : Concat("what ", type, " computes"),
      .fix = loss.from_logits ? "leave the loss' from_logits false"
                              : "end the network in a softmax or a sigmoid, or set the loss' from_logits"};
}

void CheckLossFits(const Graph& network, const TrainingGoal& goal) {
  const auto misfit = MisfitOfLoss(network, MakeTrainingGraph(network, goal, 1, false).output, goal.loss);
  if (misfit) throw Error(*misfit);
}

void FillTarget(std::span<const int32_t> labels, Tensor& target) {
  if (target.dtype() == DType::kInt32) {
    std::copy(labels.begin(), labels.end(), target.data<int32_t>());
    return;
  }
  const int64_t classes = target.shape().back();
  float* row = target.data();
  for (const int32_t label : labels) {
    std::fill_n(row, classes, 0.0f);
    if (classes == 1) {
      row[0] = static_cast<float>(label);
    } else {
      row[label] = 1;
    }
    row += classes;
  }
}

}  // namespace convscope
