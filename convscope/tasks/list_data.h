// The data sets that are known by name: what they are, whether they are here; and getting one.
#ifndef CONVSCOPE_TASKS_LIST_DATA_H_
#define CONVSCOPE_TASKS_LIST_DATA_H_

#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/datasets/data_places.h"
#include "convscope/datasets/fetch.h"

namespace convscope {

// One block a data set: its name and where it is, what it holds, its licence.
std::string DataListText(const DataPlaces& places);

// One object: "datasets", each with name, title, description, shape, train, test, classes, bytes, licence, credit,
// homepage, mirrors, place ("at hand", "bundled", "cached" or null) and folder (or null).
std::string DataListJson(const DataPlaces& places);

struct FetchedDataset {
  const NamedDataset* dataset = nullptr;
  Fetched fetched;
};

// Fetches the data sets of these names, one after the other; throws Error for a name that is none before anything is
// fetched, and when one cannot be had.
std::vector<FetchedDataset> FetchData(const std::vector<std::string>& names, const DataPlaces& places,
                                      const Progress& progress = {});

// For each data set its folder, its licence, and each file with where it came from.
std::string FetchedText(const std::vector<FetchedDataset>& fetched);

// One object: "datasets", each with name, bundled, folder, licence, credit, and files, each with path, bytes, md5, url
// (null: it was there), resumed_from.
std::string FetchedJson(const std::vector<FetchedDataset>& fetched);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LIST_DATA_H_
