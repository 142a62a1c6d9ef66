#include "convscope/datasets/load_dataset.h"

#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/datasets/fetch.h"
#include "convscope/datasets/internal/plain_files.h"

namespace convscope {
namespace {

using internal::IsFile;

bool IsTar(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".tar");
}

[[noreturn]] void FailUnknown(std::string_view name) {
  std::vector<std::string> names;
  std::string list;
  for (const NamedDataset& dataset : NamedDatasets()) {
    names.push_back(dataset.name);
    list += (list.empty() ? "" : ", ") + dataset.name;
  }
  const std::string near = DidYouMean(name, names);
  throw Error({.where = std::string(name),
               .rule = Concat("a data set must be one of ", list),
               .received = "another name",
               .fix = near.empty() ? "give the path of a folder or file instead" : near});
}

[[noreturn]] void FailMissing(const NamedDataset& dataset) {
  throw Error(
      {.where = dataset.name,
       .rule = "a data set must be on this machine",
       .received =
           dataset.bundled() ? "no folder of bundled data that holds it" : "none of its files, at hand or in the cache",
       .fix = dataset.bundled()
                  ? "set CONVSCOPE_DATA to the folder data/ of convscope, or to share/convscope where it is installed"
                  : Concat("convscope data fetch ", dataset.name,
                           ", or set CONVSCOPE_DATA to a folder with the folder ", dataset.name)});
}

}  // namespace

bool HoldsDatasetFiles(const std::filesystem::path& path) {
  if (IsFile(path)) return LowerCaseEnding(path) == ".npz" || IsTar(path);
  return HasIdxFiles(path) || HasCifarFiles(path);
}

TrainTest ReadDatasetFiles(const std::filesystem::path& path, const DatasetFileOptions& options) {
  if (IsFile(path)) {
    if (LowerCaseEnding(path) == ".npz") return ReadNpzDataset(path, options);
    if (IsTar(path)) return ReadCifarDataset(path, options);
  } else {
    if (HasIdxFiles(path)) return ReadIdxDataset(path, options);
    if (HasCifarFiles(path)) return ReadCifarDataset(path, options);
  }
  throw Error({.where = path.string(),
               .rule =
                   "a data set must be an .npz file, the archive of CIFAR-10, or a folder with the four IDX files or "
                   "the batches of CIFAR-10",
               .received = "something else"});
}

TrainTest LoadDataset(std::string_view name, const LoadOptions& options) {
  const NamedDataset* const dataset = FindNamedDataset(name);
  if (dataset == nullptr) FailUnknown(name);
  std::optional<FoundDataset> found = FindDataset(*dataset, options.places);
  if (!found && options.fetch && !dataset->bundled()) {
    Fetch(*dataset, options.places, options.progress);
    found = FindDataset(*dataset, options.places);
  }
  if (!found) FailMissing(*dataset);
  Report(options.progress, Concat("reading ", dataset->name), 0);
  return ReadDatasetFiles(found->folder, {.name = dataset->name, .class_names = dataset->class_names});
}

}  // namespace convscope
