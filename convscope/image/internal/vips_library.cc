#include "convscope/image/internal/vips_library.h"

#include <dlfcn.h>
#include <gmodule.h>

#include <cctype>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

constexpr char kHome[] = "VIPSHOME";

bool KnowsHeif() {
  return g_type_from_name("VipsForeignLoadHeifSource") != 0;
}

void Discard(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

void StartVips() {
  static std::once_flag started;
  // When this throws, the next call tries again.
  std::call_once(started, [] {
    // First, since a plug-in that does not load is a warning of vips_init.
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION),
                      Discard, nullptr);
    // libvips offers no other way to leave its modules out than to look for them where there are none.
    const bool chosen = g_getenv(kHome) != nullptr;
    if (!chosen) g_setenv(kHome, "/nonexistent", TRUE);
    const int failure = vips_init("convscope");
    if (!chosen) g_unsetenv(kHome);
    if (failure != 0) {
      throw Error({.where = "libvips", .rule = "the picture library must start", .received = TakeVipsError()});
    }
    vips_block_untrusted_set(TRUE);
    // A file that changed between two reads must be read again.
    vips_cache_set_max(0);
  });
  vips_concurrency_set(ThreadCount());
}

bool LoadHeif() {
  static std::once_flag tried;
  std::call_once(tried, [] {
    Dl_info library;
    if (KnowsHeif() || dladdr(reinterpret_cast<const void*>(&vips_init), &library) == 0) return;
    const std::string name = Concat("vips-modules-", vips_version(0), ".", vips_version(1));
    std::error_code none;
    const std::filesystem::path folder = std::filesystem::path(library.dli_fname).parent_path() / name;
    for (const auto& file : std::filesystem::directory_iterator(folder, none)) {
      if (file.path().stem() != "vips-heif") continue;
      // Stays loaded: libvips knows its types from now on.
      GModule* module = g_module_open(file.path().c_str(), G_MODULE_BIND_LAZY);
      if (module != nullptr) g_module_make_resident(module);
    }
  });
  return KnowsHeif();
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
