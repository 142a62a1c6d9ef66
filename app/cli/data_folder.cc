#include "data_folder.h"

#include <cstdlib>
#include <system_error>
#ifdef __APPLE__
#include <mach-o/dyld.h>

#include <climits>
#endif

#include "convscope/base/error.h"

namespace convscope::cli {
namespace {

// The file of this program; empty when the system does not tell.
std::filesystem::path Program() {
  std::error_code failure;
#ifdef __APPLE__
  char name[PATH_MAX];
  uint32_t size = sizeof name;
  return _NSGetExecutablePath(name, &size) == 0 ? std::filesystem::canonical(name, failure) : "";
#else
  return std::filesystem::read_symlink("/proc/self/exe", failure);
#endif
}

}  // namespace

std::filesystem::path DataFolder() {
  std::error_code failure;
  if (const char* chosen = std::getenv("CONVSCOPE_DATA")) return chosen;
  const std::filesystem::path above = Program().parent_path().parent_path();
  for (const std::filesystem::path& folder : {above / "share" / "convscope", above / "data"}) {
    if (std::filesystem::is_directory(folder / "pictures", failure)) return folder;
  }
  throw Error({.where = "demo",
               .rule = "the bundled pictures must be installed",
               .received = "no share/convscope or data beside the folder of the program",
               .fix = "set CONVSCOPE_DATA to the folder data/ of the source tree"});
}

}  // namespace convscope::cli
