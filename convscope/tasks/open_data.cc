#include "convscope/tasks/open_data.h"

#include <system_error>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/data/split.h"
#include "convscope/datasets/load_dataset.h"
#include "convscope/datasets/named_dataset.h"
#include "convscope/image/picture_folder.h"

namespace convscope {
namespace {

// Options that are for folders of pictures alone must not be passed over in silence.
void CheckNoPictureOptions(const OpenDataOptions& options) {
  const bool size = options.size[0] != 0;
  if (!size && options.colour == ReadOptions::Colour::kKeep) return;
  throw Error({.where = options.source,
               .rule = size ? "a size can be chosen for folders of pictures alone"
                            : "grey or colour can be chosen for folders of pictures alone",
               .received = "a data set that has its own"});
}

OpenedData OpenNamed(const NamedDataset& named, const OpenDataOptions& options) {
  CheckNoPictureOptions(options);
  CheckNoSplit(named.name, options.test_fraction);
  TrainTest data =
      LoadDataset(named.name, {.places = options.places, .fetch = options.fetch, .progress = options.progress});
  const auto found = FindDataset(named, options.places);
  return {.data = std::move(data),
          .name = named.name,
          .location = found ? found->folder.string() : "",
          .origin = found ? std::string(Name(found->place)) : "",
          .licence = named.licence + "; " + named.credit};
}

std::string LastPart(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::path whole = std::filesystem::weakly_canonical(path, failure);
  if (failure) whole = path;
  return std::filesystem::is_directory(whole, failure) ? whole.filename().string() : whole.stem().string();
}

[[noreturn]] void FailNothing(const std::string& source) {
  std::vector<std::string> names;
  std::string list;
  for (const NamedDataset& named : NamedDatasets()) {
    names.push_back(named.name);
    list += (list.empty() ? "" : ", ") + named.name;
  }
  std::error_code failure;
  const bool exists = std::filesystem::exists(source, failure);
  const std::string near = DidYouMean(source, names);
  throw Error(
      {.where = source,
       .rule = Concat("a data set must be ", list,
                      ", a folder of IDX files, of CIFAR-10's batches or of pictures (one folder a class), or an "
                      ".npz file"),
       .received = exists ? "something else" : "neither such a name nor such a path",
       .fix = near});
}

}  // namespace

std::array<int64_t, 2> ParsePictureSize(const std::string& text, const std::string& where) {
  constexpr int64_t kMost = 1 << 14;
  const std::vector<std::string> parts = Split(text, ',');
  std::array<int64_t, 2> size{};
  for (size_t i = 0; i < 2 && parts.size() <= 2; ++i) size[i] = ParseInteger(parts[i < parts.size() ? i : 0], where);
  if (size[0] < 1 || size[1] < 1 || size[0] > kMost || size[1] > kMost) {
    throw Error(
        {.where = where, .rule = Concat("a size must be N, or ROWS,COLUMNS, each 1 to ", kMost), .received = text});
  }
  return size;
}

ReadOptions::Colour ColourOf(bool grey, bool rgb) {
  return grey ? ReadOptions::Colour::kGrey : rgb ? ReadOptions::Colour::kRgb : ReadOptions::Colour::kKeep;
}

bool HasOwnPictures(const std::string& source) {
  return FindNamedDataset(source) != nullptr || HoldsDatasetFiles(source);
}

OpenedData OpenData(const OpenDataOptions& options) {
  Check(options.places);
  if (const NamedDataset* const named = FindNamedDataset(options.source)) return OpenNamed(*named, options);
  const std::filesystem::path path = options.source;
  const std::string name = LastPart(path);
  const auto opened = [&](TrainTest data) {
    return OpenedData{.data = std::move(data), .name = name, .location = path.string(), .origin = "files"};
  };
  if (HoldsDatasetFiles(path)) {
    CheckNoPictureOptions(options);
    Report(options.progress, "reading " + options.source, 0);
    return opened(ReadDatasetFiles(path, {.name = name, .test_fraction = options.test_fraction, .seed = options.seed}));
  }
  if (HoldsPictureFolders(path)) {
    return opened(ReadPictureFolder(path, {.name = name,
                                           .height = options.size[0],
                                           .width = options.size[1],
                                           .fit = options.fit,
                                           .crop = options.crop,
                                           .colour = options.colour,
                                           .test_fraction = options.test_fraction,
                                           .seed = options.seed,
                                           .progress = options.progress}));
  }
  FailNothing(options.source);
}

}  // namespace convscope
