// The run folders below a folder: as a table, as JSON, and their curves in one figure.
#ifndef CONVSCOPE_TASKS_LIST_RUNS_H_
#define CONVSCOPE_TASKS_LIST_RUNS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "convscope/figures/figure.h"
#include "convscope/tasks/run_folder.h"
#include "convscope/tasks/training_figures.h"

namespace convscope {

struct ListedRun {
  std::string name;  // the path below the folder that was searched
  RunFolder folder;
  RunRecord record;
};

// A folder that is left out of a list, which says so.
struct SkippedFolder {
  std::string name;  // as above
  std::string why;
};

struct RunList {
  std::vector<ListedRun> runs;
  std::vector<SkippedFolder> skipped;  // folders that cannot be read, and those whose run.json is no run's
};

// Throws Error for what is no folder.
RunList ListRuns(const std::filesystem::path& folder);

// The curves of runs that have been through an epoch at least; the others are skipped.
struct RunComparison {
  std::vector<NamedHistory> histories;
  std::vector<SkippedFolder> skipped;
};
RunComparison CompareRuns(const std::vector<ListedRun>& runs);

// A table, then a line for each folder that was skipped.
std::string RunsText(const RunList& list);
std::string SkippedText(const std::vector<SkippedFolder>& skipped);

// What a comparison tells below the table: which runs it leaves out, and whether it has curves of the training.
std::string ComparisonText(const RunComparison& comparison);

// An object with "runs" and "skipped"; where a comparison is given, each run has its "history", a list with an object
// an epoch.
std::string RunsJson(const RunList& list, const RunComparison* comparison = nullptr);

// Throws Error where there is no curve.
Figure RunsFigure(const RunComparison& comparison);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LIST_RUNS_H_
