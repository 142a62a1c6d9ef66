#include "convscope/image/picture_folder.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/data/split.h"
#include "convscope/image/resize.h"

namespace convscope {
namespace {

using Path = std::filesystem::path;

bool IsHidden(const Path& path) {
  return path.filename().native().starts_with('.');
}

bool EndsAsAPicture(const Path& path) {
  constexpr std::array<std::string_view, 10> kEndings = {".jpg",  ".jpeg", ".png",  ".webp", ".tif",
                                                         ".tiff", ".gif",  ".heic", ".heif", ".avif"};
  return std::find(kEndings.begin(), kEndings.end(), LowerCaseEnding(path)) != kEndings.end();
}

[[noreturn]] void FailReading(const Path& folder, const std::error_code& failure) {
  throw Error({.where = folder.string(), .rule = "the folder must be readable", .received = failure.message()});
}

// The folders in `folder`, by name.
std::vector<Path> Folders(const Path& folder) {
  std::vector<Path> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->is_directory(failure) && !IsHidden(entry->path())) found.push_back(entry->path());
  }
  if (failure) FailReading(folder, failure);
  std::sort(found.begin(), found.end());
  return found;
}

// The pictures in `folder` and in the folders in it, by path.
std::vector<Path> Pictures(const Path& folder) {
  std::vector<Path> found;
  std::error_code failure;
  for (std::filesystem::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (IsHidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (EndsAsAPicture(entry->path()) && entry->is_regular_file(failure)) {
      found.push_back(entry->path());
    }
  }
  if (failure) FailReading(folder, failure);
  std::sort(found.begin(), found.end());
  return found;
}

struct Files {
  std::vector<Path> pictures;
  std::vector<int32_t> labels;
};

// The files of every class folder; `classes` are those folders' names, and where it is not empty, all there may be.
Files FilesOf(const Path& folder, std::vector<std::string>* classes) {
  Files files;
  const bool given = !classes->empty();
  for (const Path& one : Folders(folder)) {
    const std::string name = one.filename().string();
    const auto known = std::find(classes->begin(), classes->end(), name);
    if (given && known == classes->end()) {
      throw Error({.where = one.string(),
                   .rule = "the classes of the test pictures must be among those of the training pictures",
                   .received = "a class that is not"});
    }
    const std::vector<Path> pictures = Pictures(one);
    if (pictures.empty()) {
      throw Error({.where = one.string(),
                   .rule = "the folder of a class must hold pictures (.jpg, .png, .webp, .tif, .gif, .heic, .avif)",
                   .received = "none",
                   .fix = "remove the folder, or put pictures into it"});
    }
    const auto label = static_cast<int32_t>(given ? known - classes->begin() : static_cast<ptrdiff_t>(classes->size()));
    if (!given) classes->push_back(name);
    files.pictures.insert(files.pictures.end(), pictures.begin(), pictures.end());
    files.labels.insert(files.labels.end(), pictures.size(), label);
  }
  if (files.pictures.empty()) {
    throw Error({.where = folder.string(),
                 .rule = "a data set of pictures must have a folder for each class",
                 .received = "no folder with pictures"});
  }
  return files;
}

Tensor ReadOne(const Path& file, const PictureFolderOptions& options) {
  Picture picture = ReadPicture(file, {.colour = options.colour});
  if (options.height == 0) return std::move(picture.pixels);
  return FitPicture(picture.pixels.view(), options.height, options.width, options.fit, options.crop);
}

void StoreBytes(const Tensor& picture, uint8_t* out) {
  const auto values = picture.view().span();
  for (size_t i = 0; i < values.size(); ++i) {
    const float value = values[i] > 0 ? std::min(values[i], 1.0f) : 0.0f;  // a NaN is 0
    out[i] = static_cast<uint8_t>(value * 255 + 0.5f);
  }
}

void CheckShape(const Tensor& picture, const Path& file, const Shape& wanted, const Path& first) {
  const Shape& shape = picture.shape();
  if (shape == wanted) return;
  const bool size = shape[0] != wanted[0] || shape[1] != wanted[1];
  const auto text = [&](const Shape& s) {
    return size ? Concat(s[1], " x ", s[0]) : s[2] == 1 ? std::string("grey") : std::string("colour");
  };
  throw Error(
      {.where = file.string(),
       .rule = size ? "the pictures of a data set must have one size (width x height)"
                    : "the pictures of a data set must be all grey or all in colour",
       .received = Concat(text(shape), ", but ", text(wanted), " in ", first.string()),
       .fix = size ? "choose a size that all are brought to, as with --size 64" : "read all as --gray or as --rgb"});
}

// Reads the pictures of a part on all cores.
Dataset ReadPart(const Files& files, const std::string& name, const std::vector<std::string>& classes,
                 const PictureFolderOptions& options) {
  const Tensor first = ReadOne(files.pictures.front(), options);
  const Shape shape = first.shape();
  const auto count = static_cast<int64_t>(files.pictures.size());
  const int64_t one = shape.NumElements();
  if (count > options.limit_bytes / one) {
    throw Error({.where = name,
                 .rule = Concat("the pictures of a data set may take at most ", options.limit_bytes, " bytes"),
                 .received = Concat(count, " pictures of ", one, " bytes"),
                 .fix = "bring them to a smaller size, as with --size 64"});
  }
  Tensor images(Shape{count, shape[0], shape[1], shape[2]}, DType::kUInt8);
  std::mutex mutex;
  int64_t done = 0;
  ParallelFor(count, [&](int64_t i) {
    const Path& file = files.pictures[static_cast<size_t>(i)];
    const Tensor picture = ReadOne(file, options);
    CheckShape(picture, file, shape, files.pictures.front());
    StoreBytes(picture, images.data<uint8_t>() + i * one);
    const std::lock_guard lock(mutex);
    Report(options.progress, "reading the pictures of " + name,
           static_cast<double>(++done) / static_cast<double>(count));
  });
  return Dataset({.name = name, .images = std::move(images), .labels = files.labels, .class_names = classes});
}

// The folders of the two parts, where the folder is split already.
std::optional<std::pair<Path, Path>> Parts(const Path& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder / "train", failure)) return std::nullopt;
  for (const char* const name : {"test", "val", "validation"}) {
    if (std::filesystem::is_directory(folder / name, failure)) return {{folder / "train", folder / name}};
  }
  return std::nullopt;
}

}  // namespace

bool HoldsPictureFolders(const Path& path) {
  std::error_code failure;
  if (!std::filesystem::is_directory(path, failure)) return false;
  const auto parts = Parts(path);
  for (const Path& folder : Folders(parts ? parts->first : path)) {
    if (!Pictures(folder).empty()) return true;
  }
  return false;
}

TrainTest ReadPictureFolder(const Path& path, const PictureFolderOptions& options) {
  if (options.height < 0 || options.width < 0 || (options.height == 0) != (options.width == 0)) {
    throw Error({.where = path.string(),
                 .rule = "the size of pictures must be 1 x 1 or more",
                 .received = Concat(options.height, " x ", options.width)});
  }
  const Path named = path.has_filename() ? path : path.parent_path();
  const std::string name = options.name.empty() ? named.filename().string() : options.name;
  std::vector<std::string> classes;
  if (const auto parts = Parts(path)) {
    CheckNoSplit(path.string(), options.test_fraction);
    const Files train_files = FilesOf(parts->first, &classes);
    const Files test_files = FilesOf(parts->second, &classes);
    Dataset train = ReadPart(train_files, name + "/train", classes, options);
    TrainTest data{std::move(train), ReadPart(test_files, name + "/test", classes, options)};
    CheckAlike(data.train, data.test);
    return data;
  }
  const Files files = FilesOf(path, &classes);
  const Dataset all = ReadPart(files, name, classes, options);
  auto [train, test] = Split(all, {.fraction = options.test_fraction.value_or(kTestFraction), .seed = options.seed});
  return {train.Named(name + "/train"), test.Named(name + "/test")};
}

}  // namespace convscope
