// That one process at a time trains into a run folder.
#ifndef CONVSCOPE_TASKS_RUN_LOCK_H_
#define CONVSCOPE_TASKS_RUN_LOCK_H_

#include <filesystem>

namespace convscope {

// Locks the folder itself (flock), so that no file is left behind and the system frees it however the process ends.
// Where the system cannot lock a folder (some network file systems) it does nothing.
class RunLock {
 public:
  // Throws Error, naming the process, when another training has locked the folder, of this process or another.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  // Whether a training goes on in it.
  static bool IsHeld(const std::filesystem::path& folder);

 private:
  int folder_ = -1;  // its descriptor
};

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_RUN_LOCK_H_
