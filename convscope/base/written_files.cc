#include "convscope/base/written_files.h"

#include <atomic>

namespace convscope {
namespace {

constinit std::atomic<bool> any = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // else a signal handler must not read it

}  // namespace

void NoteWrittenFile() noexcept {
  any = true;
}

bool AnyFileWritten() noexcept {
  return any;
}

}  // namespace convscope
