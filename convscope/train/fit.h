// Training a classifier on a data set: epochs, validation, callbacks, checkpoints.
//
//   FitResult result = Fit(model, RulesOf(network), train,
//                          {.optimizer = Adam{}, .epochs = 5, .seed = 1, .validation = test});
//
// The same model, data, options and seed give the same bits at any number of threads, and when the training was
// interrupted and resumed. It prints nothing and writes no file; callbacks and save_checkpoint are where both begin.
#ifndef CONVSCOPE_TRAIN_FIT_H_
#define CONVSCOPE_TRAIN_FIT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/data/batch_filler.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/model.h"
#include "convscope/train/callbacks.h"
#include "convscope/train/history.h"
#include "convscope/train/optimizer.h"
#include "convscope/train/schedule.h"
#include "convscope/train/training_graph.h"

namespace convscope {

struct FitOptions {
  Optimizer optimizer = Adam{};
  LossOp loss = {.kind = LossKind::kSparseCategoricalCrossEntropy};
  Schedule schedule = {};
  int64_t epochs = 1;  // in all, those before a resumption included
  int64_t batch_size = 32;
  uint64_t seed = 0;  // of the order of the pictures, of augmentation and of dropout
  bool shuffle = true;
  Preprocessing scaling = {};
  Augmentation augmentation = {};  // of the training pictures
  std::optional<Dataset> validation = {};
  std::vector<double> class_weights = {};   // none, or how much each class counts
  std::vector<double> sample_weights = {};  // none, or how much each picture of the training data counts
  int64_t top = 1;                          // for the top accuracies
  std::vector<CallbackPtr> callbacks = {};

  // Called once everything has been checked, the checkpoint and the tensors that are watched included, before the first
  // step. What Fit throws before is a mistake in its arguments.
  std::function<void()> begin = {};

  // Called with a checkpoint after every epoch, after every `checkpoint_steps` steps (0: not within an epoch) and when
  // the training is interrupted; what is saved last is all that a resumption needs.
  std::function<void(std::string_view checkpoint)> save_checkpoint = {};
  int64_t checkpoint_steps = 0;
  std::string resume = {};  // a checkpoint to go on from; empty: begin

  // When it becomes true, the training ends after the step that it is in. May be set from a signal handler.
  const std::atomic<bool>* cancel = nullptr;
};

struct FitResult {
  NamedTensors parameters;
  History history;
  bool interrupted = false;  // by FitOptions::cancel
  std::string stopped;       // why a callback stopped it; empty: none did
};

// `rules` say what does not learn, is penalized or constrained; {} trains every parameter, constants and moving
// statistics included. fit_network.h has the form for a Network, which knows its rules.
//
// Throws Error where network, data and options do not fit (a cross-entropy of scores that are no probabilities, or from
// logits of probabilities, included), when the loss or a parameter is no longer finite (naming the
// epoch, the step and the first tensor that is not; what was saved before is good), and for a checkpoint of another
// network, of other rules, pictures or labels, or saved with other options, naming the first that differs (epochs,
// callbacks and checkpoint_steps may change).
FitResult Fit(const Model& model, const TrainingRules& rules, const Dataset& data, const FitOptions& options);

// The parameters that a checkpoint holds, for those who only want to use the network. Throws Error, naming `where`, for
// bytes that are none.
NamedTensors CheckpointParameters(std::string_view checkpoint, const std::string& where);
History CheckpointHistory(std::string_view checkpoint, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_FIT_H_
