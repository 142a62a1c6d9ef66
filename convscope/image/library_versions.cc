#include "convscope/image/library_versions.h"

#include <vips/vips.h>

#include "convscope/base/text.h"

namespace convscope {

std::string LibvipsVersion() {
  return Concat(vips_version(0), ".", vips_version(1), ".", vips_version(2));
}

}  // namespace convscope
