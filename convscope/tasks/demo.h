// The demonstration: what convscope does, on the bundled pictures, as a folder of figures; and a network that learns.
#ifndef CONVSCOPE_TASKS_DEMO_H_
#define CONVSCOPE_TASKS_DEMO_H_

#include <filesystem>
#include <functional>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/tasks/train_network.h"

namespace convscope {

struct DemoOptions {
  std::filesystem::path data;    // the folder of the bundled data: pictures/, mnist/,
                                 // fashion-mnist-small/
  std::filesystem::path folder;  // for the figures; made when there is none
  std::string report_page = {};  // of a report of the trained network, see WriteReport; empty: none is written
  // Called after each figure with its file and one line on what it shows.
  std::function<void(const std::filesystem::path& file, const std::string& shows)> done;
  Progress progress;
  // As in TrainRequest, while the network learns.
  std::function<void(const TrainingStart&)> started;
  std::function<void(const StepRecord&)> after_step;
  std::function<void(const EpochRecord&)> after_epoch;
};

// Draws the filters, then trains fashion-cnn for a few epochs into folder/fashion-cnn and draws what came of it. A run
// there that an earlier demo left is replaced. Throws Error when there is another one, when something bundled is
// missing and when a figure cannot be written.
void RunDemo(const DemoOptions& options);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_DEMO_H_
