// The data set that a user means: by name, or by the path of a folder or file.
#ifndef CONVSCOPE_TASKS_OPEN_DATA_H_
#define CONVSCOPE_TASKS_OPEN_DATA_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/data/dataset.h"
#include "convscope/datasets/data_places.h"
#include "convscope/graph/preprocessing.h"
#include "convscope/image/picture.h"

namespace convscope {

struct OpenDataOptions {
  // A name that NamedDatasets() lists; or the path of a folder (IDX files, CIFAR-10's batches, pictures with one folder
  // a class) or file (.npz, CIFAR-10's archive). A name that is listed is never a path: write ./mnist for that.
  std::string source;
  DataPlaces places = DataPlaces::FromEnvironment();
  bool fetch = false;                   // a named one that is not here; else that is an Error
  std::array<int64_t, 2> size = {};     // rows and columns that the pictures of folders are brought to; 0: as they are
  PictureFit fit = PictureFit::kCover;  // how, as in Preprocessing
  double crop = 1;
  ReadOptions::Colour colour = ReadOptions::Colour::kKeep;  // of folders of pictures
  std::optional<double> test_fraction;                      // of what has one part alone: kTestFraction; else an Error
  uint64_t seed = 0;                                        // of that split
  Progress progress;
};

struct OpenedData {
  TrainTest data;
  std::string name;      // "mnist"; of a path, its last part
  std::string location;  // the folder or file that it was read from
  std::string origin;    // "at hand", "bundled", "cached", or "files" for a path
  std::string licence;   // of a named one: "MIT; Zalando SE"; else empty
};

// Throws Error when there is no such data set, an option does not go with it (a size for one that has its own), or it
// is damaged.
OpenedData OpenData(const OpenDataOptions& options);

// Whether a data set has pictures of its own size and colours: it is named, or in files of numbers, and no folder of
// picture files.
bool HasOwnPictures(const std::string& source);

// How pictures of folders are read: as they are where neither is asked for.
ReadOptions::Colour ColourOf(bool grey, bool rgb);

// "64" or "64,48" as rows and columns; throws Error naming `where`.
std::array<int64_t, 2> ParsePictureSize(const std::string& text, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OPEN_DATA_H_
