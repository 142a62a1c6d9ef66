// Where on this machine the files of a named data set may lie.
#ifndef CONVSCOPE_DATASETS_DATA_PLACES_H_
#define CONVSCOPE_DATASETS_DATA_PLACES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/datasets/named_dataset.h"

namespace convscope {

struct DataPlaces {
  // Folders of files at hand, in which a data set has a folder of its name (or torchvision's). They are used as they
  // are: files there are never compared with the published checksums, so another split of a set is as good.
  std::vector<std::filesystem::path> at_hand;
  std::filesystem::path bundled;  // the folder of what comes with convscope; may be empty
  std::filesystem::path cache;    // where downloads go, and stay
  std::string mirror;             // an address that is tried first, as mirror/NAME/FILE; may be empty

  // at_hand: $CONVSCOPE_DATA; bundled: share/convscope where convscope was installed; cache: $XDG_CACHE_HOME/convscope
  // or ~/.cache/convscope; mirror: $CONVSCOPE_MIRROR.
  static DataPlaces FromEnvironment();
};

// Throws Error where one at hand is no folder: a path with a mistake in it is not to be passed over.
void Check(const DataPlaces& places);

struct FoundDataset {
  enum class Place : uint8_t { kAtHand, kBundled, kCached };
  Place place = Place::kCached;
  std::filesystem::path folder;
};

// "at hand", "bundled", "cached".
std::string_view Name(FoundDataset::Place place);

// The first folder that holds all files of `dataset`, at hand, then bundled, then cached; none when there is none.
std::optional<FoundDataset> FindDataset(const NamedDataset& dataset, const DataPlaces& places);

// The folder of `dataset` in the cache, whether or not it exists. Throws Error when the environment names no cache.
std::filesystem::path CacheFolder(const NamedDataset& dataset, const DataPlaces& places);

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_DATA_PLACES_H_
