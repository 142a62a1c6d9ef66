// Training a network into a run folder, and going on with one that was interrupted.
#ifndef CONVSCOPE_TASKS_TRAIN_NETWORK_H_
#define CONVSCOPE_TASKS_TRAIN_NETWORK_H_

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/tasks/model_remark.h"
#include "convscope/tasks/run_folder.h"
#include "convscope/tasks/train_settings.h"
#include "convscope/train/callbacks.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/history.h"

namespace convscope {

// What is known before the first step.
struct TrainingStart {
  std::string network, data;  // names
  int64_t train_pictures = 0, validation_pictures = 0, test_pictures = 0;
  int64_t steps = 0;  // an epoch
  int64_t epochs = 0;
  int64_t epochs_done = 0;  // of a run that is resumed
  bool validates_on_test = false;
};

struct TrainRequest {
  TrainSettings settings;                     // not used by Resume
  std::filesystem::path folder;               // the run folder
  int64_t resumed_epochs = 0;                 // in all, of a run that Resume goes on with; 0: as many as it began with
  std::filesystem::path bundled;              // of the data sets that come with convscope
  const std::atomic<bool>* cancel = nullptr;  // see FitOptions
  Progress progress;                          // while data are read and results are drawn
  TellRemark tell = {};                       // what there is to tell of the model, see ModelChoice
  std::function<void(const TrainingStart&)> started;
  std::function<void(const StepRecord&)> after_step;
  std::function<void(const EpochRecord&)> after_epoch;
  // After after_step: for who may wait there (a pause), look at parameters and gradients, or stop the training.
  std::function<void(TrainingControl&, const StepRecord&)> steer = {};
};

struct TrainOutcome {
  RunRecord record;
  History history;
  Evaluation test;           // of the final weights on the test pictures; empty when interrupted
  bool interrupted = false;  // by `cancel`; `train --resume` goes on
};

// Trains and writes the run folder; makes it where it is missing, once all has been checked, so that a mistake in the
// settings leaves none. Throws Error when it holds a run already or another process has just begun one there, and what
// OpenModel, OpenData and Fit throw; what the folder holds then is good, and its state says what failed.
TrainOutcome Train(const TrainRequest& request);

// Goes on from the folder's checkpoint with the settings of its run.json and the network of its model.onnx, bit for bit
// as if never interrupted; data that have no name are read where they were. Throws Error when there is nothing to go on
// from, where the data or the network are no longer the same, for fewer epochs than it has done, and while another
// process trains it.
TrainOutcome Resume(const TrainRequest& request);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAIN_NETWORK_H_
