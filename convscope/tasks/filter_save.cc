#include "convscope/tasks/filter_save.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

#include "convscope/base/error.h"
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
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  std::string unique = safe;
  for (int number = 2; std::count(given_.begin(), given_.end(), lower(unique)) > 0; ++number) {
    unique = fmt::format("{}_{}", safe, number);
  }
  given_.push_back(lower(unique));
  return unique;
}

std::vector<std::filesystem::path> SaveTensors(const FilterResult& result, const std::filesystem::path& folder) {
  std::error_code failure;
  const bool made = std::filesystem::create_directories(folder, failure);
  if (failure) {
    throw Error({.where = folder.string(),
                 .rule = "the folder must exist, or it must be possible to make it",
                 .received = failure.message(),
                 .fix = "choose another folder"});
  }
  std::vector<std::filesystem::path> files;
  FileNames names;
  FileNames prefixes;
  try {
    for (const FilteredPicture& picture : result.pictures) {
      std::string prefix;
      if (result.pictures.size() > 1) {
        prefix = prefixes.Make(std::filesystem::path(picture.source).stem().string()) + ".";
      }
      for (const GraphTensor& tensor : picture.trace.graph().tensors()) {
        files.push_back(folder / (names.Make(prefix + tensor.name) + ".npy"));
        WriteNpy(picture.trace[tensor.name], files.back());
      }
    }
  } catch (const Error&) {
    // Only an empty folder goes.
    if (made) std::filesystem::remove(folder, failure);
    throw;
  }
  return files;
}

int64_t SaveResultPicture(const FilterResult& result, const std::filesystem::path& path) {
  const FilteredPicture& picture = result.pictures.front();
  const Tensor& tensor = picture.trace[ResultStage(picture.trace.graph())];
  const Shape& shape = tensor.shape();
  if (result.pictures.size() != 1 || (shape[3] != 1 && shape[3] != 3)) {
    throw Error({.where = path.string(),
                 .rule = "the result of one picture is saved as a picture when it has one map or three",
                 .received = result.pictures.size() != 1 ? fmt::format("{} pictures", result.pictures.size())
                                                         : fmt::format("{} maps", shape[3]),
                 .fix = "use --save for the raw numbers"});
  }
  const Shape pixels{shape[1], shape[2], shape[3]};
  if (picture.white == 1) return WritePicture({tensor.data(), pixels}, path);
  Tensor scaled(pixels);
  for (int64_t i = 0; i < scaled.size(); ++i) scaled.data()[i] = tensor.data()[i] / picture.white;
  return WritePicture(scaled.view(), path);
}

}  // namespace convscope
