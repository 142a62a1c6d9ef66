// What a training says when it has ended.
#ifndef CONVSCOPE_TASKS_TRAIN_REPORT_H_
#define CONVSCOPE_TASKS_TRAIN_REPORT_H_

#include <filesystem>
#include <string>

#include "convscope/tasks/train_network.h"

namespace convscope {

std::string TrainReportText(const TrainOutcome& outcome, const std::filesystem::path& folder);
std::string TrainReportJson(const TrainOutcome& outcome, const std::filesystem::path& folder);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_TRAIN_REPORT_H_
