// What may happen beside the steps of a training: watching, stopping, saving, changing the learning rate.
//
// Each is a plain struct that converts to CallbackPtr, for FitOptions::callbacks. They are called in their order; what
// they remember is part of a checkpoint, so a resumed training goes on as if never interrupted. They write no files:
// those that hand something out call a function that is given.
#ifndef CONVSCOPE_TRAIN_CALLBACKS_H_
#define CONVSCOPE_TRAIN_CALLBACKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/named_tensors.h"
#include "convscope/train/history.h"

namespace convscope {

// Where a training stands after a step. Counts from 0.
struct StepRecord {
  int64_t step = 0;  // of the whole training
  int64_t epoch = 0;
  int64_t batch = 0;         // of the epoch
  int64_t batches = 0;       // in an epoch
  double loss = 0;           // of this step
  double accuracy = 0;       // of this step
  double mean_loss = 0;      // of the epoch so far
  double mean_accuracy = 0;  // of the epoch so far
  double learning_rate = 0;
};

// What a callback may do to the training that calls it.
class TrainingControl {
 public:
  virtual ~TrainingControl() = default;

  virtual const History& history() const = 0;
  virtual NamedTensors Parameters() const = 0;  // copies
  virtual void SetParameters(const NamedTensors& parameters) = 0;
  // The learning rate is the optimizer's times the schedule's factor times this one, 1 at first.
  virtual double learning_rate() const = 0;
  virtual double learning_rate_factor() const = 0;
  virtual void SetLearningRateFactor(double factor) = 0;
  // No step after this one; `why` is kept in FitResult.
  virtual void Stop(const std::string& why) = 0;
  // Calls `save` with a checkpoint once all callbacks of this step or epoch have been called, before
  // FitOptions::save_checkpoint gets the one of this step or epoch.
  virtual void SaveTo(std::function<void(std::string_view checkpoint)> save) = 0;
  // See TrainingStep::Watch. `every`: of these steps the tensors are kept, and Watched() has them in AfterStep.
  virtual void Watch(const std::vector<std::string>& tensors, int64_t every) = 0;
  // The same of the next step alone, in place of what WatchNext was told before: for who looks now and then.
  virtual void WatchNext(const std::vector<std::string>& tensors) = 0;
  virtual NamedTensors Watched() const = 0;  // empty where this step kept none
};

class Callback {
 public:
  virtual ~Callback() = default;
  virtual std::string_view name() const = 0;
  virtual void Begin(TrainingControl&) {}  // before the first step, also of a resumed training
  virtual void AfterStep(TrainingControl&, const StepRecord&) {}
  virtual void AfterEpoch(TrainingControl&, const EpochRecord&) {}
  virtual void End(TrainingControl&) {}  // after the last step, not when interrupted
  // What it remembers; Restore({}) forgets everything.
  virtual NamedTensors State() const { return {}; }
  virtual void Restore(const NamedTensors&) {}
};
using CallbackPtr = std::shared_ptr<Callback>;

// Stops when `monitor` (a name of History::ValueNames) has not become better by more than min_delta in `patience`
// epochs that followed one another. Keras' rules.
struct EarlyStopping {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int64_t patience = 0;
  bool restore_best_weights = false;  // at the end of the training
  operator CallbackPtr() const;
};

// Multiplies the learning rate with `factor` when `monitor` has not become better by more than min_delta in `patience`
// epochs, then waits `cooldown` epochs before it counts again. Keras' rules.
struct ReduceOnPlateau {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int64_t patience = 10;
  double min_delta = 1e-4;
  int64_t cooldown = 0;
  double min_learning_rate = 0;
  operator CallbackPtr() const;
};

// After each epoch in which `monitor` is better than ever before: calls `take` with the parameters at once, `save` with
// a checkpoint as SaveTo does. Either may be empty. Both are done before FitOptions::save_checkpoint hears of the
// epoch, so a checkpoint that knows of a best epoch is never there without it.
struct BestCheckpoint {
  std::string monitor = "val_loss";
  std::function<void(std::string_view checkpoint)> save = {};
  std::function<void(const NamedTensors& parameters)> take = {};
  operator CallbackPtr() const;
};

// Calls `write` with each line of a table with a column for each value: the header, then a line an epoch. A resumed
// training begins with the lines of the epochs before.
struct CsvLog {
  std::function<void(std::string_view line)> write;
  operator CallbackPtr() const;
};

// Calls `take` with the numbers of `tensors` in step 0, every, 2 * every, ...: computed tensors and gradients
// ("gradient/conv/kernel") as that step computed them, parameters as it left them.
struct TensorSnapshots {
  std::vector<std::string> tensors;
  int64_t every = 100;
  std::function<void(const StepRecord& step, const NamedTensors& tensors)> take;
  operator CallbackPtr() const;
};

// Calls these: for progress bars, and for whatever has no struct here.
struct Observer {
  std::function<void(TrainingControl&, const StepRecord&)> after_step;
  std::function<void(TrainingControl&, const EpochRecord&)> after_epoch;
  operator CallbackPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_CALLBACKS_H_
