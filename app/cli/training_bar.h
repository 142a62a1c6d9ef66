// How a training is shown while it runs, on standard error: Keras' progress bar on a terminal, a line an epoch
// elsewhere.
#ifndef CONVSCOPE_APP_CLI_TRAINING_BAR_H_
#define CONVSCOPE_APP_CLI_TRAINING_BAR_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "convscope/tasks/train_network.h"

namespace convscope::cli {

class TrainingBar {
 public:
  TrainingBar();

  void Start(const TrainingStart& start);
  void AfterStep(const StepRecord& step);
  void AfterEpoch(const EpochRecord& epoch);

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  TrainingStart start_;
  Clock::time_point epoch_began_, shown_;
  int64_t first_batch_ = 0;  // of this epoch that was seen: a resumed one does not begin with 0
  bool in_epoch_ = false;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_TRAINING_BAR_H_
