#include "convscope/datasets/data_places.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "convscope/base/error.h"
#include "convscope/datasets/dataset_files.h"

namespace convscope {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The named data sets are of two kinds.
bool Holds(const std::filesystem::path& folder, const NamedDataset& dataset) {
  return dataset.shape[2] == 3 ? HasCifarFiles(folder) : HasIdxFiles(folder);
}

}  // namespace

std::string_view Name(FoundDataset::Place place) {
  switch (place) {
    case FoundDataset::Place::kAtHand:
      return "at hand";
    case FoundDataset::Place::kBundled:
      return "bundled";
    case FoundDataset::Place::kCached:
      return "cached";
  }
  return "";
}

DataPlaces DataPlaces::FromEnvironment() {
  DataPlaces places;
  if (const std::string folder = Environment("CONVSCOPE_DATA"); !folder.empty()) places.at_hand.emplace_back(folder);
  if (std::error_code failure; std::filesystem::is_directory(CONVSCOPE_INSTALLED_DATA, failure)) {
    places.bundled = CONVSCOPE_INSTALLED_DATA;
  }
  // A relative $XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification).
  if (const std::filesystem::path cache = Environment("XDG_CACHE_HOME"); cache.is_absolute()) {
    places.cache = cache / "convscope";
  } else if (const std::string home = Environment("HOME"); !home.empty()) {
    places.cache = std::filesystem::path(home) / ".cache" / "convscope";
  }
  places.mirror = Environment("CONVSCOPE_MIRROR");
  return places;
}

void Check(const DataPlaces& places) {
  for (const std::filesystem::path& folder : places.at_hand) {
    std::error_code failure;
    if (std::filesystem::is_directory(folder, failure)) continue;
    throw Error({.where = folder.string(),
                 .rule = "data sets at hand are in a folder",
                 .received = std::filesystem::exists(folder, failure) ? "a file" : "a path that does not exist",
                 .fix = "name the folder that holds them with --data-folder or CONVSCOPE_DATA, or none"});
  }
}

std::optional<FoundDataset> FindDataset(const NamedDataset& dataset, const DataPlaces& places) {
  for (const std::filesystem::path& folder : places.at_hand) {
    for (const std::string& inside : {dataset.name, dataset.torchvision_folder}) {
      if (!inside.empty() && Holds(folder / inside, dataset)) return {{FoundDataset::Place::kAtHand, folder / inside}};
    }
  }
  if (dataset.bundled()) {
    const std::filesystem::path folder = places.bundled / dataset.name;
    if (places.bundled.empty() || !Holds(folder, dataset)) return std::nullopt;
    return {{FoundDataset::Place::kBundled, folder}};
  }
  if (places.cache.empty()) return std::nullopt;
  const std::filesystem::path folder = places.cache / dataset.name;
  // By their own names: what lies there was checked when it came.
  const bool whole = std::all_of(dataset.files.begin(), dataset.files.end(), [&](const PublishedFile& file) {
    std::error_code failure;
    return std::filesystem::is_regular_file(folder / file.name, failure);
  });
  if (!whole) return std::nullopt;
  return {{FoundDataset::Place::kCached, folder}};
}

std::filesystem::path CacheFolder(const NamedDataset& dataset, const DataPlaces& places) {
  if (places.cache.empty()) {
    throw Error({.where = dataset.name,
                 .rule = "downloads need a cache folder",
                 .received = "neither XDG_CACHE_HOME nor HOME in the environment",
                 .fix = "set one of them"});
  }
  return places.cache / dataset.name;
}

}  // namespace convscope
