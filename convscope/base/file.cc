#include "convscope/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "convscope/base/error.h"
#include "convscope/base/internal/temporary_name.h"
#include "convscope/base/text.h"
#include "convscope/base/written_files.h"

namespace convscope {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& path, const char* rule, int error_number, const char* fix = "") {
  throw Error({.where = path.string(), .rule = rule, .received = std::strerror(error_number), .fix = fix});
}

std::string ReadAll(int descriptor, const std::filesystem::path& name, int64_t limit_bytes) {
  std::string bytes;
  size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(std::max<size_t>(size_t{1} << 16, bytes.size() * 2));
    const ssize_t got = read(descriptor, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) Fail(name, "the file must be readable", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (static_cast<int64_t>(filled) > limit_bytes) {
      throw Error({.where = name.string(),
                   .rule = Concat("a file of this kind may hold at most ", limit_bytes, " bytes"),
                   .received = "more"});
    }
  }
  bytes.resize(filled);
  return bytes;
}

// Holds the temporary file of one write: removed unless it was kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : path_(NameBeside(target)), name_(path_, internal::TemporaryName::Kind::kFile) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!kept_) unlink(path_.c_str());
  }

  const std::filesystem::path& path() const { return path_; }

  void RenameTo(const std::filesystem::path& target) {
    if (std::rename(path_.c_str(), target.c_str()) != 0) Fail(target, "the file must be writable", errno);
    NoteWrittenFile();
    kept_ = true;
  }

 private:
  static std::filesystem::path NameBeside(const std::filesystem::path& target) {
    static std::atomic<uint64_t> serial{0};
    return target.parent_path() / Concat(".", target.filename().string(), ".", getpid(), ".", serial++, ".part");
  }

  std::filesystem::path path_;
  internal::TemporaryName name_;
  bool kept_ = false;
};

void WritePieces(const std::filesystem::path& path, std::span<const std::string_view> pieces,
                 const std::filesystem::path& shown) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) Fail(shown, "the file must be writable", errno, "choose another folder, or make this one");
  int failure = 0;
  for (std::string_view piece : pieces) {
    while (!piece.empty() && failure == 0) {
      const ssize_t put = write(descriptor, piece.data(), piece.size());
      if (put < 0) {
        if (errno != EINTR) failure = errno;
      } else {
        piece.remove_prefix(static_cast<size_t>(put));
      }
    }
  }
  if (close(descriptor) != 0 && failure == 0) failure = errno;
  if (failure != 0) Fail(shown, "the whole file must fit on the disk", failure, "nothing of it was left behind");
}

}  // namespace

std::string LowerCaseEnding(const std::filesystem::path& path) {
  return LowerCase(path.extension().string());
}

std::string ReadFile(const std::filesystem::path& path, int64_t limit_bytes) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) Fail(path, "the file must exist and be readable", errno, "check its name");
  try {
    std::string bytes = ReadAll(descriptor, path, limit_bytes);
    close(descriptor);
    return bytes;
  } catch (...) {
    close(descriptor);
    throw;
  }
}

void WriteFileAtomically(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path&)>& write) {
  // What a symbolic link points to is replaced, not the link.
  std::error_code unknown;
  const std::filesystem::path linked = std::filesystem::weakly_canonical(path, unknown);
  const std::filesystem::path& target = std::filesystem::is_symlink(path, unknown) && !linked.empty() ? linked : path;
  TemporaryFile temporary(target);
  write(temporary.path());
  temporary.RenameTo(target);
}

void WriteFileAtomically(const std::filesystem::path& path, std::span<const std::string_view> pieces) {
  WriteFileAtomically(path, [&](const std::filesystem::path& temporary) { WritePieces(temporary, pieces, path); });
}

void RemoveTemporaryFiles() noexcept {
  internal::TemporaryName::RemoveAll();
}

}  // namespace convscope
