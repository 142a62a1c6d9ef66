// The run folders below a folder: as a table, as JSON, and their curves in one figure.
#ifndef CONVSCOPE_TASKS_LIST_RUNS_H_
#define CONVSCOPE_TASKS_LIST_RUNS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/tasks/run_folder.h"

namespace convscope {

struct ListedRun {
  std::string name;  // the path below the folder that was searched
  RunFolder folder;
  RunRecord record;
};

// Throws Error for what is no folder, and for a damaged run.json.
std::vector<ListedRun> ListRuns(const std::filesystem::path& folder);

std::string RunsText(const std::vector<ListedRun>& runs);
std::string RunsJson(const std::vector<ListedRun>& runs);

// Throws Error for fewer than one run, and for one that has no checkpoint.
Figure RunsFigure(const std::vector<ListedRun>& runs);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LIST_RUNS_H_
