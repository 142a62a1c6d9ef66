#include "convscope/tasks/run_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/tasks/run_folder.h"

namespace convscope {
namespace {

int OpenFolder(const std::filesystem::path& folder) {
  return open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// False where another holds it.
bool TryLock(int folder, int kind) {
  return flock(folder, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

std::string HolderText(const std::filesystem::path& folder) {
  try {
    const auto json = nlohmann::json::parse(ReadFile(RunFolder{folder}.record(), int64_t{1} << 20));
    return fmt::format("one goes on, in process {}", json.at("process").get<int64_t>());
  } catch (const std::exception&) {
    // It has only begun: there is no run.json yet.
  }
  return "one goes on in another process";
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& folder) : folder_(OpenFolder(folder)) {
  if (folder_ < 0) return;
  // IsHeld, of whoever lists runs, has it for a moment.
  for (int i = 0; i < 20; ++i) {
    if (TryLock(folder_, LOCK_EX)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  close(folder_);
  throw Error({.where = folder.string(),
               .rule = "one training at a time goes on in a run folder",
               .received = HolderText(folder),
               .fix = "wait until it ends, or end it; then go on with --resume"});
}

RunLock::~RunLock() {
  if (folder_ >= 0) close(folder_);
}

bool RunLock::IsHeld(const std::filesystem::path& folder) {
  const int descriptor = OpenFolder(folder);
  if (descriptor < 0) return false;
  const bool held = !TryLock(descriptor, LOCK_SH);
  close(descriptor);
  return held;
}

}  // namespace convscope
