#include "convscope/tasks/tensor_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/base/text.h"
#include "convscope/formats/npy.h"

namespace convscope {

std::string FileNames::Make(std::string_view name) {
  std::string safe;
  for (const char c : name) {
    const bool keep =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    safe += keep ? c : c == '/' ? '.' : '_';
  }
  if (safe.empty() || safe[0] == '.') safe.insert(0, "_");
  safe.resize(std::min<size_t>(safe.size(), 200));  // file systems take 255 bytes, the ending included
  std::string unique = safe;
  for (int number = 2; std::count(given_.begin(), given_.end(), LowerCase(unique)) > 0; ++number) {
    unique = fmt::format("{}_{}", safe, number);
  }
  given_.push_back(LowerCase(unique));
  return unique;
}

void WriteTogether(std::span<const TensorFile> files, const Progress& progress) {
  if (files.empty()) return;
  const auto& [path, tensor] = files.front();
  Report(progress, "writing " + path.string(), 0);
  if (std::filesystem::is_directory(path)) {
    throw Error({.where = path.string(), .rule = "the file must be writable", .received = "a folder of this name"});
  }
  WriteFileAtomically(path, [&](const std::filesystem::path& temporary) {
    try {
      WriteNpy(*tensor, temporary);
    } catch (const Error& error) {
      // Told of the file that the user knows.
      ErrorParts parts = error.parts();
      parts.where = path.string();
      throw Error(parts);
    }
    WriteTogether(files.subspan(1), progress);
  });
}

std::vector<std::filesystem::path> SaveArrays(std::span<const NamedArray> arrays, const std::filesystem::path& folder,
                                              const Progress& progress) {
  const OutputFolder made_when_missing(folder);
  FileNames names;
  std::vector<TensorFile> files;
  std::vector<std::filesystem::path> paths;
  for (const NamedArray& array : arrays) {
    paths.push_back(folder / (names.Make(array.name) + ".npy"));
    files.push_back({paths.back(), array.tensor});
  }
  WriteTogether(files, progress);
  return paths;
}

std::vector<std::filesystem::path> SaveTrace(const Trace& trace, const std::vector<std::string>& names,
                                             const std::filesystem::path& folder, const Progress& progress) {
  std::vector<NamedArray> arrays;
  for (const std::string& name : names) arrays.push_back({name, &trace[name]});
  return SaveArrays(arrays, folder, progress);
}

}  // namespace convscope
