// The numbers of a network that learns, and the step that moves them: forward, backward, update.
//
// It takes one batch at a time from its caller. What batches there are, how long to go on and whom to tell is fit.h's
// business.
#ifndef CONVSCOPE_TRAIN_TRAINING_STEP_H_
#define CONVSCOPE_TRAIN_TRAINING_STEP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/named_tensors.h"
#include "convscope/train/optimizer.h"
#include "convscope/train/parameter_updater.h"
#include "convscope/train/training_graph.h"

namespace convscope {

class TrainingStep {
 public:
  // `parameters`: the first values of each of the network's parameters; copied. Throws what MakeTrainingGraph and
  // Check(optimizer) throw, and Error where nothing is left that could learn.
  TrainingStep(Graph network, TrainingGoal goal, const Optimizer& optimizer, const NamedTensors& parameters);
  ~TrainingStep();
  TrainingStep(TrainingStep&&) noexcept;
  TrainingStep& operator=(TrainingStep&&) noexcept;

  // What the next step or evaluation of `batch` samples reads; for the caller to fill.
  struct Inputs {
    Tensor& pictures;  // (N, ...), as the network's input, of its type
    Tensor& target;    // as LossOp wants it: int32 for the sparse kind, else the shape and type of the scores
    std::vector<double>& weights;  // (N,), how much each sample counts; 1 until they are changed
  };
  Inputs LearningInputs(int64_t batch);
  Inputs EvaluationInputs(int64_t batch);

  // Which random numbers a step takes, see RandomState (convscope/graph/rebuild.h).
  struct Place {
    uint64_t seed = 0;
    int64_t epoch = 0, first_sample = 0;
  };
  struct Result {
    double loss = 0;  // sum of weight * loss of a sample, over N; and what regularizers add
    // (N, classes), what the loss was made of; valid until the next call.
    const Tensor& scores;
    bool from_logits = false;  // whether the scores are logits
  };

  // One step on LearningInputs(batch). Allocates no tensor after the first call for each batch. Throws Error, naming
  // the first tensor that is not finite, when the loss is not (the parameters are then as they were), and when a
  // parameter is not after the update.
  Result Learn(int64_t batch, const Place& place, double learning_rate);

  // The loss of EvaluationInputs(batch), in the inference form; parameters stay. A loss that is not finite is returned.
  Result Evaluate(int64_t batch);

  // The network's output for EvaluationInputs(batch), whatever the target.
  const Tensor& Predict(int64_t batch);

  // Keeps these tensors in the steps that are told to: names of the network's or of its training graph's tensors; a
  // gradient is "gradient/NAME". Their bits are those of a step that keeps nothing. Throws Error for an unknown name.
  void Watch(std::vector<std::string> tensors);
  Result LearnWatching(int64_t batch, const Place& place, double learning_rate);
  // What the last LearnWatching computed; parameters as they are now. Copies.
  NamedTensors Watched() const;

  const Graph& network() const { return network_; }
  const TrainingGoal& goal() const { return goal_; }
  const ParameterUpdater& updater() const { return *updater_; }

  NamedTensors Parameters() const;                     // copies
  void SetParameters(const NamedTensors& parameters);  // of each its own type; throws Error otherwise
  void RestoreUpdater(int64_t steps, const NamedTensors& states) { updater_->Restore(steps, states); }

 private:
  struct BatchRun;
  enum class Purpose : uint8_t { kLearning, kWatching, kEvaluation, kPrediction };

  BatchRun& RunOf(int64_t batch, Purpose purpose);
  Inputs InputsOf(BatchRun& run);
  Result LearnWith(BatchRun& run, const Place& place, double learning_rate);

  Graph network_;
  TrainingGoal goal_;
  std::map<std::string, std::shared_ptr<Tensor>, std::less<>> parameters_;
  std::unique_ptr<ParameterUpdater> updater_;
  std::vector<std::string> watched_;
  BatchRun* last_watched_ = nullptr;
  std::map<std::pair<int64_t, Purpose>, std::unique_ptr<BatchRun>> runs_;
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_TRAINING_STEP_H_
