// A folder for results. Not what is written into it.
#ifndef CONVSCOPE_BASE_OUTPUT_FOLDER_H_
#define CONVSCOPE_BASE_OUTPUT_FOLDER_H_

#include <filesystem>
#include <memory>

namespace convscope {

// Makes the folder, and those above it that are missing. Those that it made go again with it, unless something was put
// into them: so nothing is left behind by a task that fails, or that a signal ends (RemoveTemporaryFiles in file.h).
class OutputFolder {
 public:
  // Throws Error when the folder cannot be made.
  explicit OutputFolder(const std::filesystem::path& folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  struct Made;
  std::unique_ptr<Made> made_;
};

}  // namespace convscope

#endif  // CONVSCOPE_BASE_OUTPUT_FOLDER_H_
