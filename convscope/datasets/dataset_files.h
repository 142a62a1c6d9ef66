// Data sets from their files: IDX, CIFAR-10's binary version, NumPy's .npz.
//
// Not here: folders of pictures (convscope/image/picture_folder.h), data sets by name (load_dataset.h).
#ifndef CONVSCOPE_DATASETS_DATASET_FILES_H_
#define CONVSCOPE_DATASETS_DATASET_FILES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

struct DatasetFileOptions {
  std::string name;                      // of the data set; empty: that of the file or folder
  std::vector<std::string> class_names;  // empty: those that the files state, else "0", "1", ...
  // Of files that have one part alone: split as split.h does, kTestFraction where none is given. Of others: an Error.
  std::optional<double> test_fraction;
  uint64_t seed = 0;                       // of that split
  int64_t limit_bytes = int64_t{1} << 34;  // of the pictures of one part in memory
};

// Whether the folder has the four files of an IDX data set (train-images-idx3-ubyte, train-labels-idx1-ubyte and t10k-,
// each plain or .gz; train-images.idx3-ubyte is a name for them too), and of CIFAR-10 (data_batch_1.bin to
// data_batch_5.bin and test_batch.bin, there or in cifar-10-batches-bin, or cifar-10-binary.tar.gz).
bool HasIdxFiles(const std::filesystem::path& folder);
bool HasCifarFiles(const std::filesystem::path& folder);

// The IDX data set in `folder`; class names from classes.txt, one a line, where there is that file. Throws Error when
// files are missing, damaged, of other shapes or types, or do not belong together.
TrainTest ReadIdxDataset(const std::filesystem::path& folder, const DatasetFileOptions& options = {});

// CIFAR-10 in a folder, or its archive; class names from batches.meta.txt. The same errors.
TrainTest ReadCifarDataset(const std::filesystem::path& path, const DatasetFileOptions& options = {});

// x_train, y_train, x_test and y_test, as Keras' mnist.npz has them, or x and y, of which a part is split off. Floats
// that are all 0 to 255, some above 1, have 255 for white (Dataset::white); others are taken as they are. The same
// errors.
TrainTest ReadNpzDataset(const std::filesystem::path& file, const DatasetFileOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_DATASETS_DATASET_FILES_H_
