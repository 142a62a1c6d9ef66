#include "convscope/train/training_graph.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/only_input.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/train/penalty_operation.h"

namespace convscope {

namespace {

std::string OnlyOutput(const Graph& network) {
  std::vector<bool> read(network.tensors().size());
  for (const GraphNode& node : network.nodes()) {
    for (const int tensor : node.inputs) read[static_cast<size_t>(tensor)] = true;
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < read.size(); ++i) {
    const GraphTensor& tensor = network.tensors()[i];
    if (tensor.role == TensorRole::kComputed && !read[i]) names.push_back(tensor.name);
  }
  if (names.size() == 1) return names[0];
  throw Error({.where = "training",
               .rule = "the loss is made of one output of the network",
               .received = Concat(names.size(), " outputs"),
               .fix = "name the one that is meant"});
}

// The type of the activation that a loss undoes when it is made of logits; empty: there is none.
std::string_view ActivationOf(LossKind kind) {
  switch (kind) {
    case LossKind::kSparseCategoricalCrossEntropy:
    case LossKind::kCategoricalCrossEntropy:
      return "Softmax";
    case LossKind::kBinaryCrossEntropy:
      return "Sigmoid";
    default:
      return "";
  }
}

void SetScores(const Graph& network, const LossOp& loss, TrainingGraph& made) {
  made.scores = made.output;
  made.from_logits = loss.from_logits;
  if (loss.from_logits) return;
  const int output = network.Find(made.output);
  for (const GraphNode& node : network.nodes()) {
    if (node.outputs[0] != output || node.operation->type() != ActivationOf(loss.kind)) continue;
    made.scores = network.tensors()[static_cast<size_t>(node.inputs[0])].name;
    made.from_logits = true;
  }
}

TensorType TargetType(const LossOp& loss, const TensorType& scores) {
  if (loss.kind != LossKind::kSparseCategoricalCrossEntropy) return scores;
  if (scores.shape.rank() == 0) return {Shape{}, DType::kInt32};
  const auto lengths = scores.shape.lengths();
  return {Shape(lengths.first(lengths.size() - 1)), DType::kInt32};
}

const ParameterRules& RulesOf(const TrainingGoal& goal, const std::string& parameter) {
  static const ParameterRules plain;
  const auto found = goal.rules.parameters.find(parameter);
  return found == goal.rules.parameters.end() ? plain : found->second;
}

}  // namespace

void Constrain(const ParameterRules& rules, Tensor& values) {
  if (rules.constraint_shape.rank() == 0) return Constrain(rules.constraint, values);
  const Shape shape = values.shape();
  values = std::move(values).Reshaped(rules.constraint_shape);
  Constrain(rules.constraint, values);
  values = std::move(values).Reshaped(shape);
}

void CheckRules(const Graph& network, const TrainingRules& rules) {
  if (!rules.output.empty()) network.Find(rules.output);
  for (const auto& [name, parameter] : rules.parameters) {
    const GraphTensor& tensor = network[name];
    if (tensor.role != TensorRole::kParameter) {
      throw Error({.where = "training", .rule = "rules are given for parameters", .received = '"' + name + '"'});
    }
    const Shape& shape = parameter.constraint_shape;
    if (shape.rank() > 0 && shape.NumElements() != tensor.type.shape.NumElements()) {
      throw Error(
          {.where = "training",
           .rule = Concat("a constraint of ", name, " is on its ", tensor.type.shape.NumElements(), " elements"),
           .received = shape.ToString()});
    }
  }
  for (const ActivityRules& activity : rules.activities) {
    if (network[activity.tensor].role == TensorRole::kComputed) continue;
    throw Error({.where = "training",
                 .rule = "an activity is a tensor that a node computes",
                 .received = '"' + activity.tensor + '"'});
  }
  for (const std::string& name : rules.frozen) {
    const auto nodes = network.nodes();
    if (std::any_of(nodes.begin(), nodes.end(), [&](const GraphNode& node) { return node.name == name; })) continue;
    throw Error({.where = "training", .rule = "what is frozen is a node", .received = '"' + name + '"'});
  }
}

TrainingGraph MakeTrainingGraph(const Graph& network, const TrainingGoal& goal, int64_t batch, bool learns) {
  CheckRules(network, goal.rules);
  TrainingGraph made{
      .input = OnlyInput(network, {.where = "network", .rule = "a network that is fed from a data set has one input"}),
      .output = goal.rules.output.empty() ? OnlyOutput(network) : goal.rules.output};
  SetScores(network, goal.loss, made);

  Rebuilt rebuilt =
      Rebuild(network, {.batch = batch, .parameters_as_inputs = true, .training = learns, .frozen = goal.rules.frozen});
  GraphBuilder& builder = rebuilt.builder;
  // Scores with one row and one column are a list to a loss and its target.
  if (const Shape shape = builder.graph()[made.scores].type.shape;
      shape.rank() > 2 && shape.NumElements() == shape[0] * shape.back()) {
    builder.Add("training/scores", ReshapeOp{}, {made.scores});
    made.scores = "training/scores";
  }
  const TensorType scores = builder.graph()[made.scores].type;
  builder.Input(kTargetName, TargetType(goal.loss, scores));
  LossOp loss = goal.loss;
  loss.from_logits = made.from_logits;
  made.loss = "training/loss";
  builder.Add(made.loss, loss, {made.scores, kTargetName});
  std::vector<GradientSeed> seeds = {{made.loss, kLossWeightsName}};

  std::vector<std::string> wanted;
  for (const GraphTensor& tensor : network.tensors()) {
    if (tensor.role != TensorRole::kParameter) continue;
    const ParameterRules& rules = RulesOf(goal, tensor.name);
    if (!rules.trainable) continue;
    wanted.push_back(tensor.name);
    if (rules.l1 == 0 && rules.l2 == 0) continue;
    made.parameter_penalties.push_back("training/penalty/" + tensor.name);
    builder.Add(made.parameter_penalties.back(), PenaltyOp{.l1 = rules.l1, .l2 = rules.l2}, {tensor.name});
    seeds.push_back({made.parameter_penalties.back(), kPenaltyWeightName});
  }
  for (const ActivityRules& rules : goal.rules.activities) {
    made.activity_penalties.push_back("training/penalty/" + rules.tensor);
    builder.Add(made.activity_penalties.back(), PenaltyOp{.l1 = rules.l1, .l2 = rules.l2, .per_sample = true},
                {rules.tensor});
    seeds.push_back({made.activity_penalties.back(), kActivityWeightsName});
  }
  if (learns) {
    builder.Input(kLossWeightsName, builder.graph()[made.loss].type);
    if (!made.parameter_penalties.empty()) builder.Input(kPenaltyWeightName, {{1}, scores.dtype});
    if (!made.activity_penalties.empty()) builder.Input(kActivityWeightsName, {{batch}, scores.dtype});
    made.gradients = AddGradients(builder, seeds, wanted);
    // Of the tensors on the way, only the parameters' are asked for.
    std::erase_if(made.gradients, [&](const auto& entry) {
      return std::find(wanted.begin(), wanted.end(), entry.first) == wanted.end();
    });
    made.updates = std::move(rebuilt.updates);
  }
  made.graph = builder.Build();
  return made;
}

}  // namespace convscope
