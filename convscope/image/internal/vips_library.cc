#include "convscope/image/internal/vips_library.h"

#include <cctype>
#include <mutex>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"

namespace convscope::internal {
namespace {

void Discard(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

void StartVips() {
  static std::once_flag started;
  // When this throws, the next call tries again.
  std::call_once(started, [] {
    // First, since a plug-in that does not load is a warning of vips_init.
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION),
                      Discard, nullptr);
    if (vips_init("convscope") != 0) {
      throw Error({.where = "libvips", .rule = "the picture library must start", .received = TakeVipsError()});
    }
    vips_block_untrusted_set(TRUE);
    // A file that changed between two reads must be read again.
    vips_cache_set_max(0);
  });
  vips_concurrency_set(ThreadCount());
}

std::string TakeVipsError() {
  const std::unique_ptr<char, GFree> text(vips_error_buffer_copy());
  std::string line;
  for (const char* c = text.get(); *c != '\0'; ++c) {
    if (*c == '\n') {
      if (c[1] != '\0') line += "; ";
    } else {
      line += std::iscntrl(static_cast<unsigned char>(*c)) != 0 ? ' ' : *c;
    }
  }
  return line;
}

}  // namespace convscope::internal
