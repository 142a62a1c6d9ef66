#include <array>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/data/dataset_arrays.h"
#include "convscope/data/idx.h"
#include "convscope/data/split.h"
#include "convscope/datasets/dataset_files.h"
#include "convscope/datasets/internal/plain_files.h"
#include "convscope/formats/gzip.h"

namespace convscope {
namespace {

// The file of that kind in `folder`, under one of the names that it goes by.
std::optional<std::filesystem::path> Find(const std::filesystem::path& folder, const std::string& part,
                                          const std::string& kind) {
  for (const char* const between : {"-", "."}) {
    for (const char* const ending : {"", ".gz"}) {
      std::filesystem::path file =
          folder / Concat(part, "-", kind, between, kind == "images" ? "idx3" : "idx1", "-ubyte", ending);
      if (internal::IsFile(file)) return file;
    }
  }
  return std::nullopt;
}

std::filesystem::path Must(const std::filesystem::path& folder, const std::string& part, const std::string& kind) {
  if (auto file = Find(folder, part, kind)) return *file;
  throw Error({.where = folder.string(),
               .rule = "an IDX data set needs train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte "
                       "and t10k-labels-idx1-ubyte, each plain or .gz",
               .received = Concat("no ", part, "-", kind)});
}

Tensor ReadArray(const std::filesystem::path& file, int64_t limit_elements) {
  return ReadIdx(*OpenPlainOrGzip(file), file.string(), {.elements = limit_elements});
}

Dataset ReadPart(const std::filesystem::path& folder, const std::string& part, const std::string& name,
                 const std::vector<std::string>& class_names, int64_t least_classes, int64_t limit_bytes) {
  const std::filesystem::path images = Must(folder, part, "images"), labels = Must(folder, part, "labels");
  try {
    return MakeDataset({.name = name,
                        .images = ReadArray(images, limit_bytes),
                        .labels = ReadArray(labels, limit_bytes),
                        .class_names = class_names,
                        .least_classes = least_classes});
  } catch (const Error& error) {
    if (error.parts().where != name) throw;
    throw error.At(images.string());
  }
}

std::vector<std::string> ClassNames(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "classes.txt";
  if (!internal::IsFile(file)) return {};
  return internal::ParseClassNames(ReadFile(file, int64_t{1} << 20));
}

}  // namespace

bool HasIdxFiles(const std::filesystem::path& folder) {
  for (const char* const part : {"train", "t10k"}) {
    for (const char* const kind : {"images", "labels"}) {
      if (!Find(folder, part, kind)) return false;
    }
  }
  return true;
}

TrainTest ReadIdxDataset(const std::filesystem::path& folder, const DatasetFileOptions& options) {
  CheckNoSplit(folder.string(), options.test_fraction);
  const std::string name = options.name.empty() ? folder.lexically_normal().filename().string() : options.name;
  const std::vector<std::string> names = options.class_names.empty() ? ClassNames(folder) : options.class_names;
  const Dataset train = ReadPart(folder, "train", name + "/train", names, 0, options.limit_bytes);
  TrainTest data{train, ReadPart(folder, "t10k", name + "/test", names, train.classes(), options.limit_bytes)};
  CheckAlike(data.train, data.test);
  return data;
}

}  // namespace convscope
