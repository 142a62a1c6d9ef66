// The graph of one training step, made of a network's graph: its training form for a batch, the loss, what
// regularizers add, and the gradients of what learns. Also the graph of an evaluation, which has no gradients.
//
// Structure alone: training_step.h holds the numbers and runs it.
#ifndef CONVSCOPE_TRAIN_TRAINING_GRAPH_H_
#define CONVSCOPE_TRAIN_TRAINING_GRAPH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/loss_operation.h"
#include "convscope/nn/regularizer.h"

namespace convscope {

// What holds for a parameter while the network learns.
struct ParameterRules {
  bool trainable = true;
  double l1 = 0, l2 = 0;  // regularizer: l1 sum |w| + l2 sum w^2, added to the loss
  Constraint constraint;  // holds after each step
  // The shape whose axes the constraint names, where that is another one of the same elements in the same order (as
  // Keras has it); rank 0: the parameter's own.
  Shape constraint_shape = {};

  bool operator==(const ParameterRules&) const = default;
};

// A regularizer of a computed tensor (N, ...): its sum over a batch, divided by N, is added to the loss.
struct ActivityRules {
  std::string tensor;
  double l1 = 0, l2 = 0;

  bool operator==(const ActivityRules&) const = default;
};

// What training needs to know of a network besides its graph: plain data, which files of models keep. Names are of
// tensors and nodes of that graph.
struct TrainingRules {
  std::string output;  // what is compared with the target; empty: the only tensor that is computed and not read
  std::map<std::string, ParameterRules, std::less<>> parameters;  // those left out learn, without further rules
  std::vector<ActivityRules> activities;
  // Nodes that take their inference form while the network learns: normalizations whose statistics stay.
  std::set<std::string, std::less<>> frozen;

  bool operator==(const TrainingRules&) const = default;
};

// Makes the values of a parameter satisfy its constraint.
void Constrain(const ParameterRules& rules, Tensor& values);

// Throws Error for a name that `network` does not have, and for a constraint on another number of elements.
void CheckRules(const Graph& network, const TrainingRules& rules);

struct TrainingGoal {
  LossOp loss = {.kind = LossKind::kSparseCategoricalCrossEntropy};
  TrainingRules rules = {};
};

// Names of its inputs besides the network's own; all are for a batch of N.
inline constexpr char kTargetName[] = "training/target";
inline constexpr char kLossWeightsName[] = "training/loss_weights";          // (N,): a sample's weight / N
inline constexpr char kActivityWeightsName[] = "training/activity_weights";  // (N,): 1 / N
inline constexpr char kPenaltyWeightName[] = "training/penalty_weight";      // (1,): 1

struct TrainingGraph {
  Graph graph;         // parameters are inputs
  std::string input;   // the network's own input
  std::string output;  // as in the rules, or the one that was found
  std::string scores;  // what the loss reads: the output, or, where that is a softmax or sigmoid, its logits
  bool from_logits = false;
  std::string loss;                                         // (N,), without weights
  std::vector<std::string> parameter_penalties;             // (1,) each
  std::vector<std::string> activity_penalties;              // (N,) each
  GradientNames gradients;                                  // of the parameters that learn and that the loss depends on
  std::map<std::string, std::string, std::less<>> updates;  // of the parameters that the step itself moves
};

// `learns`: the training form with gradients; else the inference form with the loss alone. Where the output is a
// softmax or sigmoid and the loss is the cross-entropy that belongs to it, the loss is made of its logits instead,
// which loses no digits and saves a pass. Throws Error for a network of several inputs, an unknown tensor, no or
// several outputs, a target that the loss does not take, and a node without a gradient.
TrainingGraph MakeTrainingGraph(const Graph& network, const TrainingGoal& goal, int64_t batch, bool learns);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_TRAINING_GRAPH_H_
