// Names of what a process has begun to write, where a signal handler can read them.
#ifndef CONVSCOPE_BASE_INTERNAL_TEMPORARY_NAME_H_
#define CONVSCOPE_BASE_INTERNAL_TEMPORARY_NAME_H_

#include <filesystem>

namespace convscope::internal {

// While it lives, RemoveTemporaryFiles (file.h) removes the file of this name, or the folder if it is empty. Held in
// fixed memory: beyond 64 names, or PATH_MAX characters, nothing is remembered.
class TemporaryName {
 public:
  enum class Kind : unsigned char { kFile, kFolder };

  TemporaryName(const std::filesystem::path& path, Kind kind);
  TemporaryName(TemporaryName&& other) noexcept;
  TemporaryName& operator=(TemporaryName&&) = delete;
  ~TemporaryName();

  // Files first, then folders in the order in which they were named. Async-signal-safe.
  static void RemoveAll() noexcept;

  struct Entry;

 private:
  Entry* entry_ = nullptr;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_BASE_INTERNAL_TEMPORARY_NAME_H_
