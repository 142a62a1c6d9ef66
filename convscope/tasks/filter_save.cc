#include "convscope/tasks/filter_save.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/output_folder.h"
#include "convscope/base/text.h"
#include "convscope/tasks/tensor_files.h"

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

std::vector<std::vector<std::filesystem::path>> SaveTensors(const FilterResult& result,
                                                            const std::filesystem::path& folder) {
  const OutputFolder made_when_missing(folder);
  std::vector<TensorFile> files;
  std::vector<std::vector<std::filesystem::path>> paths;
  FileNames names;
  FileNames prefixes;
  for (const FilteredPicture& picture : result.pictures) {
    std::string prefix;
    if (result.pictures.size() > 1) {
      prefix = prefixes.Make(std::filesystem::path(picture.source).stem().string()) + ".";
    }
    std::vector<std::filesystem::path>& own = paths.emplace_back();
    for (const GraphTensor& tensor : picture.trace.graph().tensors()) {
      own.push_back(folder / (names.Make(prefix + tensor.name) + ".npy"));
      files.push_back({own.back(), &picture.trace[tensor.name]});
    }
  }
  WriteTogether(files, result.options.progress);
  return paths;
}

void CheckResultPicture(const FilterResult& result, const std::filesystem::path& path) {
  CheckPicturePath(path);
  const Trace& trace = result.pictures.front().trace;
  const int64_t maps = trace[ResultStage(trace.graph())].shape()[3];
  if (result.pictures.size() == 1 && (maps == 1 || maps == 3)) return;
  throw Error({.where = path.string(),
               .rule = "the result of one picture is saved as a picture when it has one map or three",
               .received = result.pictures.size() != 1 ? fmt::format("{} pictures", result.pictures.size())
                                                       : fmt::format("{} maps", maps),
               .fix = "use --save for the raw numbers"});
}

int64_t SaveResultPicture(const FilterResult& result, const std::filesystem::path& path) {
  CheckResultPicture(result, path);
  const FilteredPicture& picture = result.pictures.front();
  const Tensor& tensor = picture.trace[ResultStage(picture.trace.graph())];
  const Shape pixels{tensor.shape()[1], tensor.shape()[2], tensor.shape()[3]};
  const WriteOptions options{.progress = result.options.progress};
  if (picture.white == 1) return WritePicture({tensor.data(), pixels}, path, options);
  Tensor scaled(pixels);
  for (int64_t i = 0; i < scaled.size(); ++i) scaled.data()[i] = tensor.data()[i] / picture.white;
  return WritePicture(scaled.view(), path, options);
}

}  // namespace convscope
