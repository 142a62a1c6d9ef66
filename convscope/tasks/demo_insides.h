// The last part of the demo: what is inside the network that it has just trained. What each figure shows is a task of
// its own.
#ifndef CONVSCOPE_TASKS_DEMO_INSIDES_H_
#define CONVSCOPE_TASKS_DEMO_INSIDES_H_

#include <filesystem>
#include <functional>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/tasks/open_data.h"

namespace convscope {

struct DemoInsides {
  std::string model;     // the run folder
  OpenDataOptions data;  // that it learned from
  std::filesystem::path folder;
  std::string report_page;  // as in DemoOptions
  Progress progress;
  std::function<void(const std::filesystem::path& file, const std::string& shows)> done;  // after each figure
};

// Predictions; all maps of two layers, one map and the mean map of a picture; a picture of each class through three
// layers; one filter on two classes; the arithmetic of one number; where Grad-CAM finds the evidence;
// and a report of ten pictures.
void LookInside(const DemoInsides& demo);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_DEMO_INSIDES_H_
