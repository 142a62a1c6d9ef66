// Tensors of a network as they were while it learned: the snapshots of a run folder, written and read again.
#ifndef CONVSCOPE_TASKS_RUN_SNAPSHOTS_H_
#define CONVSCOPE_TASKS_RUN_SNAPSHOTS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "convscope/graph/graph.h"
#include "convscope/graph/named_tensors.h"
#include "convscope/tasks/run_folder.h"

namespace convscope {

// What settings.snapshots asks for: names of tensors, and "parameters" for all that the network has.
std::vector<std::string> SnapshotTensors(const TrainSettings& settings, const Graph& network);

// The file of each tensor at a step, in `folder`.
std::map<std::string, std::filesystem::path> SnapshotFiles(const std::filesystem::path& folder, int64_t step,
                                                           const std::set<std::string>& tensors);

class RunSnapshots {
 public:
  // Of a run of `network`. Throws Error where the folder has none.
  RunSnapshots(const RunFolder& folder, const Graph& network);

  // From the first; each has all tensors.
  const std::vector<int64_t>& steps() const { return steps_; }
  const std::set<std::string>& tensors() const { return tensors_; }

  // Throws Error for a step or a tensor that there is not, and for a file that is damaged or holds another type or
  // shape than the network's tensor has.
  SharedTensor Read(int64_t step, const std::string& tensor) const;

 private:
  std::filesystem::path folder_;
  std::set<std::string> tensors_;
  std::map<std::string, GraphTensor> expected_;  // of each that the network has, or has a gradient of
  std::vector<int64_t> steps_;
};

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_RUN_SNAPSHOTS_H_
