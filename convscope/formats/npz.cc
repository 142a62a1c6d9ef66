#include "convscope/formats/npz.h"

#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/archive.h"

namespace convscope {

std::map<std::string, Tensor> ReadNpz(const std::filesystem::path& path, const std::set<std::string>& wanted,
                                      const NpyLimits& limits) {
  constexpr std::string_view kEnding = ".npy";
  std::map<std::string, Tensor> arrays;
  ArchiveReader archive(path);
  while (archive.Next()) {
    std::string name = archive.name();
    if (!name.ends_with(kEnding)) continue;
    name.resize(name.size() - kEnding.size());
    if (!wanted.empty() && !wanted.contains(name)) continue;
    const std::string where = Concat(path.string(), ", ", name);
    if (arrays.contains(name)) {
      throw Error({.where = where, .rule = "an .npz file must hold each array once", .received = "two of this name"});
    }
    const auto stated = [&](std::string_view beginning) { return StatedNpyBytes(beginning, where, limits); };
    arrays.emplace(name, ParseNpy(archive.Read(limits.bytes, stated), where, limits));
  }
  return arrays;
}

}  // namespace convscope
