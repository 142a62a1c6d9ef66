// A data set by its name, from wherever it is: at hand, bundled, cached, or fetched now.
#ifndef CONVSCOPE_DATASETS_LOAD_DATASET_H_
#define CONVSCOPE_DATASETS_LOAD_DATASET_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "convscope/base/progress.h"
#include "convscope/data/dataset.h"
#include "convscope/datasets/data_places.h"
#include "convscope/datasets/dataset_files.h"

namespace convscope {

struct LoadOptions {
  DataPlaces places = DataPlaces::FromEnvironment();
  bool fetch = true;  // what is not here; else that is an Error
  Progress progress;
};

// The data set that NamedDatasets() lists under `name`: "mnist", "fashion-mnist", ... Throws Error for another name,
// when it is not here and cannot be (or must not be) fetched, and when its files are damaged.
//
// Example: auto [train, test] = LoadDataset("fashion-mnist");
TrainTest LoadDataset(std::string_view name, const LoadOptions& options = {});

// Whether ReadDatasetFiles knows what is at `path`: an .npz file, CIFAR-10's archive, a folder of IDX or CIFAR files.
bool HoldsDatasetFiles(const std::filesystem::path& path);

// The data set in that file or folder. Throws Error when it is none, and what reading it throws.
TrainTest ReadDatasetFiles(const std::filesystem::path& path, const DatasetFileOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_LOAD_DATASET_H_
