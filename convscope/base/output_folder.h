// A folder for results. Not what is written into it.
#ifndef CONVSCOPE_TASKS_INTERNAL_OUTPUT_FOLDER_H_
#define CONVSCOPE_TASKS_INTERNAL_OUTPUT_FOLDER_H_

#include <filesystem>
#include <vector>

namespace convscope::internal {

// Makes the folder, and those above it that are missing. Those that it made go again with it, unless something was put
// into them: so nothing is left behind by a task that fails.
class OutputFolder {
 public:
  // Throws Error when the folder cannot be made.
  explicit OutputFolder(const std::filesystem::path& folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // innermost first
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_OUTPUT_FOLDER_H_
