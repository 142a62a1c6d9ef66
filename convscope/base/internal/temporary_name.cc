#include "convscope/base/internal/temporary_name.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>
#include <utility>

namespace convscope::internal {

struct TemporaryName::Entry {
  std::atomic<bool> taken{false};
  std::atomic<bool> written{false};  // path and kind are
  Kind kind = Kind::kFile;
  char path[PATH_MAX] = {};
};

namespace {

// Zero from the start, so that a program that writes nothing touches none of it.
constinit std::array<TemporaryName::Entry, 64> entries;

}  // namespace

TemporaryName::TemporaryName(const std::filesystem::path& path, Kind kind) {
  if (path.native().size() >= sizeof Entry::path) return;
  for (Entry& entry : entries) {
    if (entry.taken.exchange(true)) continue;
    std::memcpy(entry.path, path.c_str(), path.native().size() + 1);
    entry.kind = kind;
    entry.written = true;
    entry_ = &entry;
    return;
  }
}

TemporaryName::TemporaryName(TemporaryName&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}

TemporaryName::~TemporaryName() {
  if (entry_ == nullptr) return;
  entry_->written = false;
  entry_->taken = false;
}

void TemporaryName::RemoveAll() noexcept {
  for (const Entry& entry : entries) {
    if (entry.written && entry.kind == Kind::kFile) unlink(entry.path);
  }
  for (const Entry& entry : entries) {
    if (entry.written && entry.kind == Kind::kFolder) rmdir(entry.path);
  }
}

}  // namespace convscope::internal
