// CIFAR-10, binary version: records of one byte of label and 3 x 32 x 32 bytes of pixels, plane after plane.
// The format: https://www.cs.toronto.edu/~kriz/cifar.html
#include <algorithm>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/data/split.h"
#include "convscope/datasets/dataset_files.h"
#include "convscope/datasets/internal/plain_files.h"
#include "convscope/formats/archive.h"

namespace convscope {
namespace {

using internal::IsFile;

constexpr int64_t kSide = 32, kPlane = kSide * kSide, kRecordBytes = 1 + 3 * kPlane;
constexpr const char* kArchive = "cifar-10-binary.tar.gz";
constexpr const char* kInside = "cifar-10-batches-bin";
constexpr const char* kNames = "batches.meta.txt";

const std::vector<std::string>& TrainFiles() {
  static const std::vector<std::string> kFiles = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                                  "data_batch_4.bin", "data_batch_5.bin"};
  return kFiles;
}
const std::vector<std::string> kTestFiles = {"test_batch.bin"};

bool HasBatches(const std::filesystem::path& folder) {
  const auto there = [&](const std::string& name) { return IsFile(folder / name); };
  return std::all_of(TrainFiles().begin(), TrainFiles().end(), there) && there(kTestFiles[0]);
}

using Files = std::map<std::string, std::string>;  // bytes by name

Files ReadFolder(const std::filesystem::path& folder, int64_t limit_bytes) {
  Files files;
  for (const std::string& name : TrainFiles()) files[name] = ReadFile(folder / name, limit_bytes);
  files[kTestFiles[0]] = ReadFile(folder / kTestFiles[0], limit_bytes);
  if (IsFile(folder / kNames)) files[kNames] = ReadFile(folder / kNames, limit_bytes);
  return files;
}

Files ReadArchive(const std::filesystem::path& path, int64_t limit_bytes) {
  Files files;
  ArchiveReader archive(path);
  while (archive.Next()) {
    const std::string name = std::filesystem::path(archive.name()).filename().string();
    const auto& train = TrainFiles();
    const bool wanted =
        name == kNames || name == kTestFiles[0] || std::find(train.begin(), train.end(), name) != train.end();
    if (wanted && !files.contains(name)) files[name] = archive.Read(limit_bytes);
  }
  return files;
}

// The pictures of `names`, whose bytes are freed as they are taken.
Dataset TakePart(Files& files, const std::vector<std::string>& names, const std::string& part,
                 const std::vector<std::string>& class_names, const std::string& where) {
  int64_t count = 0;
  for (const std::string& name : names) {
    const auto bytes = static_cast<int64_t>(files.contains(name) ? files[name].size() : 0);
    if (bytes == 0 || bytes % kRecordBytes != 0) {
      throw Error({.where = Concat(where, ", ", name),
                   .rule = Concat("a batch of CIFAR-10 must hold records of ", kRecordBytes, " bytes"),
                   .received = bytes == 0 ? "no such file, or an empty one" : Concat(bytes, " bytes"),
                   .fix = "get it again"});
    }
    count += bytes / kRecordBytes;
  }
  Tensor images(Shape{count, kSide, kSide, 3}, DType::kUInt8);
  std::vector<int32_t> labels;
  labels.reserve(static_cast<size_t>(count));
  uint8_t* out = images.data<uint8_t>();
  for (const std::string& name : names) {
    const std::string bytes = std::move(files[name]);
    const auto* in = reinterpret_cast<const uint8_t*>(bytes.data());
    for (size_t record = 0; record < bytes.size() / kRecordBytes; ++record, in += kRecordBytes) {
      labels.push_back(in[0]);
      for (int64_t pixel = 0; pixel < kPlane; ++pixel) {
        for (int64_t c = 0; c < 3; ++c) *out++ = in[1 + c * kPlane + pixel];
      }
    }
  }
  try {
    return Dataset(
        {.name = part, .images = std::move(images), .labels = std::move(labels), .class_names = class_names});
  } catch (const Error& error) {
    throw error.At(where);
  }
}

std::vector<std::string> ClassNames(const Files& files) {
  return files.contains(kNames) ? internal::ParseClassNames(files.at(kNames)) : std::vector<std::string>();
}

}  // namespace

bool HasCifarFiles(const std::filesystem::path& folder) {
  return HasBatches(folder) || HasBatches(folder / kInside) || IsFile(folder / kArchive);
}

TrainTest ReadCifarDataset(const std::filesystem::path& path, const DatasetFileOptions& options) {
  const std::string where = path.string();
  CheckNoSplit(where, options.test_fraction);
  const std::filesystem::path plain = path.lexically_normal();
  Files files;
  if (IsFile(path)) {
    files = ReadArchive(path, options.limit_bytes);
  } else if (HasBatches(path)) {
    files = ReadFolder(path, options.limit_bytes);
  } else if (HasBatches(path / kInside)) {
    files = ReadFolder(path / kInside, options.limit_bytes);
  } else if (IsFile(path / kArchive)) {
    files = ReadArchive(path / kArchive, options.limit_bytes);
  } else {
    throw Error({.where = where,
                 .rule = "CIFAR-10 is data_batch_1.bin to data_batch_5.bin and test_batch.bin, or their archive",
                 .received = "a folder without them"});
  }
  const std::string name = options.name.empty() ? plain.filename().string() : options.name;
  const std::vector<std::string> classes = options.class_names.empty() ? ClassNames(files) : options.class_names;
  Dataset train = TakePart(files, TrainFiles(), name + "/train", classes, where);
  TrainTest data{std::move(train), TakePart(files, kTestFiles, name + "/test", classes, where)};
  CheckAlike(data.train, data.test);
  return data;
}

}  // namespace convscope
