// A folder of pictures as a data set: one folder a class.
//
//   DIR/cat/1.jpg, DIR/cat/2.png, DIR/dog/1.jpg, ...                      of which a part is split off for testing
//   DIR/train/cat/1.jpg, ..., and DIR/test/cat/9.jpg (or val, validation)  split already
//
// Not here: data sets in files of numbers (convscope/datasets).
#ifndef CONVSCOPE_IMAGE_PICTURE_FOLDER_H_
#define CONVSCOPE_IMAGE_PICTURE_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/preprocessing.h"
#include "convscope/image/picture.h"

namespace convscope {

struct PictureFolderOptions {
  std::string name;  // of the data set; empty: that of the folder
  // Every picture is brought to this as `fit` and `crop` say (FitPicture). 0 and 0: as the pictures are, which must be
  // all of one size then.
  int64_t height = 0, width = 0;
  PictureFit fit = PictureFit::kCover;
  double crop = 1;
  ReadOptions::Colour colour = ReadOptions::Colour::kKeep;  // kKeep: all must be grey, or all in colour
  std::optional<double> test_fraction;     // kTestFraction; an Error for a folder that is split already
  uint64_t seed = 0;                       // of that split
  int64_t limit_bytes = int64_t{1} << 34;  // of the pictures of one part in memory
  Progress progress;
};

// Whether there is a folder in `path` that has a picture in it, by its ending.
bool HoldsPictureFolders(const std::filesystem::path& path);

// The classes are the folders' names in the order of their bytes; files that do not end as pictures do, and hidden
// ones, are passed over, and folders inside a class belong to it. Values become 8-bit. Pictures are read on all cores,
// and come in the order of their paths. Throws Error, naming the file, for one that is damaged or of another size or
// number of channels; for a class without pictures, a test class that training lacks, and too many bytes.
TrainTest ReadPictureFolder(const std::filesystem::path& path, const PictureFolderOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_PICTURE_FOLDER_H_
