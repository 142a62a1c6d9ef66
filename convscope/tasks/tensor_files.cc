#include "convscope/tasks/tensor_files.h"

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/formats/npy.h"
#include "convscope/tasks/filter_save.h"

namespace convscope {

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

}  // namespace convscope
