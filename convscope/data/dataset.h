// Pictures with labels, in memory: what a network is trained and evaluated on.
//
// Pictures stay as they were stored, 8-bit ones as 8-bit values; they become floats batch by batch (batches.h). A
// Dataset is a value: copies and subsets share one immutable storage, which lives as long as any of them.
//
// Not here: files (idx.h, convscope/datasets, convscope/image/picture_folder.h), random changes (augmentation.h).
#ifndef CONVSCOPE_DATA_DATASET_H_
#define CONVSCOPE_DATA_DATASET_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// What a Dataset is made of.
struct DatasetParts {
  std::string name;                      // of the data, for titles and errors: "mnist", "photos/train"
  Tensor images;                         // (N, H, W, C), uint8 or float32; H, W and C at least 1
  std::vector<int32_t> labels;           // N of them, each in [0, classes)
  std::vector<std::string> class_names;  // one a class; empty: "0", "1", ... up to the largest label
  int64_t least_classes = 0;             // so many at least, where none are named: those of the training part
  double white = 0;                      // what white is stored as; 0: 255 of uint8, 1 of float32
  std::string remark = {};               // what was assumed of the pixels, a line; empty: nothing
};

class Dataset {
 public:
  // More classes than any picture set has; a label above it is a damaged one.
  static constexpr int64_t kMostClasses = 1 << 16;

  // Throws Error when the images have another shape or type, there are not as many labels as images, or a label is out
  // of range.
  explicit Dataset(DatasetParts parts);

  const std::string& name() const;
  int64_t size() const { return size_; }  // pictures, N
  bool empty() const { return size_ == 0; }
  int64_t height() const { return shape()[0]; }
  int64_t width() const { return shape()[1]; }
  int64_t channels() const { return shape()[2]; }
  const Shape& shape() const;  // of a picture, (H, W, C)
  DType dtype() const;         // kUInt8 or kFloat32
  double white() const;        // what white is stored as: 255 of 8-bit values; of floats as their maker said, 1 or 255
  int64_t classes() const { return static_cast<int64_t>(class_names().size()); }
  const std::vector<std::string>& class_names() const;
  const std::string& remark() const;  // what was assumed of its pixels, a line; empty: nothing

  // i in [0, size).
  int32_t label(int64_t i) const;
  // Picture i as a batch of one, (1, H, W, C) floats: what is stored divided by white().
  Tensor image(int64_t i) const;
  // The stored values of picture i, (H, W, C); throws Error when T is not the dtype.
  template <typename T>
  TensorView<const T> Pixels(int64_t i) const {
    const TensorView<const T> all = Images().view<T>();
    return {all.data() + Row(i) * shape().NumElements(), shape()};
  }

  // How many pictures each class has.
  std::vector<int64_t> ClassCounts() const;

  // Pictures rows[0], rows[1], ... of this one, in that order, repeated where a row is. Throws Error for a row that
  // does not exist. Takes 8 bytes a picture; the pictures are not copied.
  Dataset Subset(std::span<const int64_t> rows) const;
  // The first `count` pictures, or all where there are fewer.
  Dataset First(int64_t count) const;
  // The same pictures under another name.
  Dataset Named(std::string name) const;

 private:
  struct Storage;
  const Tensor& Images() const;
  int64_t Row(int64_t i) const { return rows_ ? (*rows_)[static_cast<size_t>(i)] : i; }

  std::shared_ptr<const Storage> storage_;
  std::shared_ptr<const std::vector<int64_t>> rows_;  // of the storage; null: all, as they stand
  std::shared_ptr<const std::string> name_;
  int64_t size_ = 0;
};

// The two parts that data sets come in.
struct TrainTest {
  Dataset train, test;
};

// Throws Error unless both can be used with one network: the same shape and as many classes.
void CheckAlike(const Dataset& a, const Dataset& b);

}  // namespace convscope

#endif  // CONVSCOPE_DATA_DATASET_H_
