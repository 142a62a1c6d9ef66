// The demonstration: what convscope does, on the bundled pictures, as a folder of figures.
#ifndef CONVSCOPE_TASKS_DEMO_H_
#define CONVSCOPE_TASKS_DEMO_H_

#include <filesystem>
#include <functional>
#include <string>

#include "convscope/base/progress.h"

namespace convscope {

struct DemoOptions {
  std::filesystem::path data;    // the folder of the bundled data: pictures/, mnist/
  std::filesystem::path folder;  // for the figures; made when there is none
  // Called after each figure with its file and one line on what it shows.
  std::function<void(const std::filesystem::path& file, const std::string& shows)> done;
  Progress progress;
};

// Throws Error when a bundled picture is missing or a figure cannot be written.
void RunDemo(const DemoOptions& options);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_DEMO_H_
