#include "convscope/base/library_versions.h"

#include <hwy/highway.h>

#include "convscope/base/text.h"

#ifdef CONVSCOPE_THREADS
#include <oneapi/tbb/version.h>
#endif

namespace convscope {

std::map<std::string, std::string> CoreLibraryVersions() {
  std::map<std::string, std::string> versions = {{"highway", Concat(HWY_MAJOR, ".", HWY_MINOR, ".", HWY_PATCH)}};
#ifdef CONVSCOPE_THREADS
  versions["onetbb"] = TBB_runtime_version();
#endif
  return versions;
}

}  // namespace convscope
