#include "convscope/formats/npz.h"

#include <functional>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/archive.h"
#include "convscope/formats/internal/zip_writer.h"

namespace convscope {
namespace {

constexpr std::string_view kEnding = ".npy";

// Hands out each array whose name is `wanted`, in the file's order.
void ForEachArray(const std::filesystem::path& path, const NpyLimits& limits,
                  const std::function<bool(const std::string& name)>& wanted,
                  const std::function<void(const std::string& name, Tensor array)>& take) {
  std::set<std::string> names;
  ArchiveReader archive(path);
  while (archive.Next()) {
    std::string name = archive.name();
    if (!name.ends_with(kEnding)) continue;
    name.resize(name.size() - kEnding.size());
    if (!wanted(name)) continue;
    const std::string where = Concat(path.string(), ", ", name);
    if (!names.insert(name).second) {
      throw Error({.where = where, .rule = "an .npz file must hold each array once", .received = "two of this name"});
    }
    const auto stated = [&](std::string_view beginning) { return StatedNpyBytes(beginning, where, limits); };
    take(name, ParseNpy(archive.Read(limits.bytes, stated), where, limits));
  }
}

}  // namespace

std::map<std::string, Tensor> ReadNpz(const std::filesystem::path& path, const std::set<std::string>& wanted,
                                      const NpyLimits& limits) {
  std::map<std::string, Tensor> arrays;
  ForEachArray(
      path, limits, [&](const std::string& name) { return wanted.empty() || wanted.contains(name); },
      [&](const std::string& name, Tensor array) { arrays.emplace(name, std::move(array)); });
  return arrays;
}

std::vector<StoredTensor> ReadNpzInOrder(const std::filesystem::path& path, const NpyLimits& limits) {
  std::vector<StoredTensor> arrays;
  ForEachArray(
      path, limits, [](const std::string&) { return true; },
      [&](const std::string& name, Tensor array) {
        arrays.push_back({name, Share(std::move(array))});
      });
  return arrays;
}

void WriteNpz(std::span<const StoredTensor> arrays, const std::filesystem::path& path) {
  std::set<std::string_view> names;
  for (const StoredTensor& array : arrays) {
    if (names.insert(array.name).second) continue;
    throw Error({.where = path.string(),
                 .rule = "an .npz file must hold each array once",
                 .received = Concat("two of \"", array.name, '"')});
  }
  internal::WriteZip(path, [&](internal::ZipWriter& zip) {
    for (const StoredTensor& array : arrays) {
      const std::string header = NpyHeader(array.tensor->dtype(), array.tensor->shape());
      const std::string_view data(reinterpret_cast<const char*>(array.tensor->bytes()),
                                  static_cast<size_t>(array.tensor->SizeInBytes()));
      const std::string_view pieces[] = {header, data};
      zip.Add(Concat(array.name, kEnding), pieces);
    }
  });
}

}  // namespace convscope
