// Getting a named data set into the cache.
#ifndef CONVSCOPE_DATASETS_FETCH_H_
#define CONVSCOPE_DATASETS_FETCH_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/datasets/data_places.h"
#include "convscope/datasets/named_dataset.h"

namespace convscope {

struct FetchedFile {
  std::filesystem::path path;
  int64_t bytes = 0;
  std::string url;           // that it came from; empty: it was there, and its checksum is right
  int64_t resumed_from = 0;  // bytes that an earlier, broken transfer had left
};

struct Fetched {
  std::filesystem::path folder;  // in the cache
  std::vector<FetchedFile> files;
};

// Every file of `dataset` in the cache with its published checksum: those that are there are checked, and fetched anew
// where they are damaged; the others are fetched. Nothing is done for a bundled one. Throws Error when a file cannot be
// had; those before it stay.
Fetched Fetch(const NamedDataset& dataset, const DataPlaces& places, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_FETCH_H_
