#include "convscope/base/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "convscope/base/error.h"

namespace convscope {

size_t MemorySource::Read(std::span<std::byte> out) {
  const size_t count = std::min(out.size(), bytes_.size());
  if (count > 0) std::memcpy(out.data(), bytes_.data(), count);
  bytes_.remove_prefix(count);
  return count;
}

FileSource::FileSource(const std::filesystem::path& path) : path_(path) {
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
    const int failure = errno;
    if (descriptor_ >= 0) close(descriptor_);
    throw Error({.where = path.string(),
                 .rule = "the file must exist and be readable",
                 .received = std::strerror(failure),
                 .fix = "check its name"});
  }
  if (!S_ISREG(status.st_mode)) {
    close(descriptor_);
    throw Error({.where = path.string(),
                 .rule = "this must be a file",
                 .received = S_ISDIR(status.st_mode) ? "a folder" : "something else"});
  }
  remaining_ = status.st_size;
}

FileSource::~FileSource() {
  close(descriptor_);
}

size_t FileSource::Read(std::span<std::byte> out) {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = read(descriptor_, out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw Error({.where = path_.string(), .rule = "the file must be readable", .received = std::strerror(errno)});
    }
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  remaining_ = std::max<int64_t>(0, remaining_ - static_cast<int64_t>(filled));
  return filled;
}

}  // namespace convscope
