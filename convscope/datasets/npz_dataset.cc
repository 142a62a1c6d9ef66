#include <array>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/data/dataset_arrays.h"
#include "convscope/data/split.h"
#include "convscope/datasets/dataset_files.h"
#include "convscope/formats/npz.h"

namespace convscope {
namespace {

using Arrays = std::map<std::string, Tensor>;

Dataset TakePart(Arrays& arrays, const std::string& images, const std::string& labels, const std::string& name,
                 const DatasetFileOptions& options, const std::string& where, const AssumedWhite& assumed,
                 int64_t least_classes = 0) {
  try {
    return MakeDataset({.name = name,
                        .images = std::move(arrays.at(images)),
                        .labels = std::move(arrays.at(labels)),
                        .class_names = options.class_names,
                        .least_classes = least_classes,
                        .white = assumed.white,
                        .remark = assumed.remark});
  } catch (const Error& error) {
    throw error.At(Concat(where, ", ", images));
  }
}

}  // namespace

TrainTest ReadNpzDataset(const std::filesystem::path& file, const DatasetFileOptions& options) {
  const std::string where = file.string();
  Arrays arrays = ReadNpz(file, {"x", "y", "x_train", "y_train", "x_test", "y_test"},
                          {.bytes = options.limit_bytes, .elements = options.limit_bytes});
  const std::string name = options.name.empty() ? file.stem().string() : options.name;
  const auto has = [&](const char* array) { return arrays.contains(array); };
  if (has("x_train") && has("y_train") && has("x_test") && has("y_test")) {
    CheckNoSplit(where, options.test_fraction);
    const AssumedWhite white =
        AssumeWhite(name, std::array<const Tensor*, 2>{&arrays.at("x_train"), &arrays.at("x_test")});
    const Dataset train = TakePart(arrays, "x_train", "y_train", name + "/train", options, where, white);
    TrainTest data{train, TakePart(arrays, "x_test", "y_test", name + "/test", options, where, white, train.classes())};
    CheckAlike(data.train, data.test);
    return data;
  }
  if (!has("x") || !has("y")) {
    std::string names;
    for (const auto& [array, values] : arrays) names += (names.empty() ? "" : ", ") + array;
    throw Error({.where = where,
                 .rule = "an .npz data set must hold x_train, y_train, x_test and y_test, or x and y",
                 .received = names.empty() ? "none of them" : names,
                 .fix = "numpy.savez(name, x=pictures, y=labels)"});
  }
  const AssumedWhite white = AssumeWhite(name, std::array<const Tensor*, 1>{&arrays.at("x")});
  const Dataset all = TakePart(arrays, "x", "y", name, options, where, white);
  auto [train, test] = Split(all, {.fraction = options.test_fraction.value_or(kTestFraction), .seed = options.seed});
  return {train.Named(name + "/train"), test.Named(name + "/test")};
}

}  // namespace convscope
