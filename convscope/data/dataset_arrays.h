// Arrays, as files hold them, as a Dataset: what IDX, .npz and CIFAR files have in common.
#ifndef CONVSCOPE_DATA_DATASET_ARRAYS_H_
#define CONVSCOPE_DATA_DATASET_ARRAYS_H_

#include <span>
#include <string>
#include <vector>

#include "convscope/data/dataset.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

struct DatasetArrays {
  std::string name;  // of the data set, and in errors
  // (N, H, W), grey, or (N, H, W, C). uint8 and float32 stay as they are; whole numbers of another type that all lie in
  // 0 to 255 become uint8, float64 and bool become float32.
  Tensor images;
  Tensor labels;                         // (N,) or (N, 1), whole numbers of any type
  std::vector<std::string> class_names;  // empty: "0", "1", ... up to the largest label
  int64_t least_classes = 0;             // so many at least, where none are named
  double white = 0;                      // as in DatasetParts
  std::string remark = {};               // as there
};

// What white is in arrays that tell nothing of it, and the remark that says so.
struct AssumedWhite {
  double white = 0;
  std::string remark;
};

// Of `images`, the parts of the data set `name`: 255 of floats that are all 0 to 255, some above 1; else 1, or what is
// usual where they are no floats. The remark is empty for floats from 0 to 1, as the pixels of picture files are, and
// for what are no floats.
AssumedWhite AssumeWhite(const std::string& name, std::span<const Tensor* const> images);

// Throws Error, naming the data set, for arrays of other shapes or types, no pictures, counts that differ, and labels
// out of range.
Dataset MakeDataset(DatasetArrays arrays);

}  // namespace convscope

#endif  // CONVSCOPE_DATA_DATASET_ARRAYS_H_
