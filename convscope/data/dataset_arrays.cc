#include "convscope/data/dataset_arrays.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

template <typename From>
Tensor ToBytes(const Tensor& images, const std::string& name) {
  Tensor bytes(images.shape(), DType::kUInt8);
  const auto in = images.view<From>().span();
  uint8_t* const out = bytes.data<uint8_t>();
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] < 0 || int64_t{in[i]} > 255) {
      throw Error({.where = name,
                   .rule = "whole-numbered pixels must be 0 to 255",
                   .received = Concat(int64_t{in[i]}),
                   .fix = "store them as float32, scaled as the network wants them"});
    }
    out[i] = static_cast<uint8_t>(in[i]);
  }
  return bytes;
}

template <typename From>
Tensor ToFloats(const Tensor& images) {
  Tensor floats(images.shape());
  const auto in = images.view<From>().span();
  for (size_t i = 0; i < in.size(); ++i) floats.data()[i] = static_cast<float>(in[i]);
  return floats;
}

Tensor Pixels(Tensor images, const std::string& name) {
  switch (images.dtype()) {
    case DType::kUInt8:
    case DType::kFloat32:
      return images;
    case DType::kInt8:
      return ToBytes<int8_t>(images, name);
    case DType::kInt32:
      return ToBytes<int32_t>(images, name);
    case DType::kInt64:
      return ToBytes<int64_t>(images, name);
    case DType::kFloat64:
      return ToFloats<double>(images);
    case DType::kBool:
      return ToFloats<bool>(images);
  }
  return images;
}

template <typename From>
std::vector<int32_t> ToLabels(const Tensor& labels, const std::string& name) {
  std::vector<int32_t> result;
  result.reserve(static_cast<size_t>(labels.size()));
  for (const From value : labels.view<From>().span()) {
    const int64_t wide = value;
    if (wide < 0 || wide >= Dataset::kMostClasses) {
      throw Error({.where = name,
                   .rule = Concat("a label must be 0 to ", Dataset::kMostClasses - 1),
                   .received = Concat("label ", wide, " of picture ", result.size())});
    }
    result.push_back(static_cast<int32_t>(wide));
  }
  return result;
}

std::vector<int32_t> Labels(const Tensor& labels, const std::string& name) {
  const Shape& shape = labels.shape();
  if (shape.rank() != 1 && !(shape.rank() == 2 && shape[1] == 1)) {
    throw Error({.where = name,
                 .rule = "the labels must have the shape (pictures,)",
                 .received = shape.ToString(),
                 .fix = "store the number of each picture's class, not one column a class"});
  }
  switch (labels.dtype()) {
    case DType::kUInt8:
      return ToLabels<uint8_t>(labels, name);
    case DType::kInt8:
      return ToLabels<int8_t>(labels, name);
    case DType::kInt32:
      return ToLabels<int32_t>(labels, name);
    case DType::kInt64:
      return ToLabels<int64_t>(labels, name);
    case DType::kBool:
      return ToLabels<bool>(labels, name);
    default:
      throw Error(
          {.where = name, .rule = "labels must be whole numbers", .received = std::string(Name(labels.dtype()))});
  }
}

struct Extremes {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  bool numbers = true;  // none is NaN
};

template <typename Stored>
void Widen(TensorView<const Stored> values, Extremes* extremes) {
  for (const Stored value : values.span()) {
    const auto number = static_cast<double>(value);
    extremes->low = std::min(extremes->low, number);
    extremes->high = std::max(extremes->high, number);
    extremes->numbers = extremes->numbers && number == number;
  }
}

}  // namespace

AssumedWhite AssumeWhite(const std::string& name, std::span<const Tensor* const> images) {
  constexpr double kRounding = 1e-3;  // what was made smaller may be a little above its white
  Extremes found;
  for (const Tensor* const part : images) {
    if (part->dtype() == DType::kFloat32) {
      Widen(part->view<float>(), &found);
    } else if (part->dtype() == DType::kFloat64) {
      Widen(part->view<double>(), &found);
    } else {
      return {};
    }
  }
  if (found.low >= 0 && found.high <= 1 + kRounding) return {};
  const bool to255 = found.numbers && found.low >= 0 && found.high <= 255 + kRounding;
  const auto text = [](double value) { return ShortestText(static_cast<float>(value)); };
  const std::string range =
      Concat("the pixels of ", name, " are floats from ", text(found.low), " to ", text(found.high), ": ");
  if (to255) return {255, range + "255 is taken for white, as in picture files"};
  return {1, range + "they are used as they are, while those of picture files are 0 to 1"};
}

Dataset MakeDataset(DatasetArrays arrays) {
  const Shape shape = arrays.images.shape();
  if ((shape.rank() != 3 && shape.rank() != 4) || shape.NumElements() == 0) {
    throw Error({.where = arrays.name,
                 .rule = "pictures must have the shape (pictures, rows, columns) or (pictures, rows, columns, "
                         "channels), each length at least 1",
                 .received = shape.ToString()});
  }
  // Counts first: a pair of files that do not belong together is the likelier mistake.
  if (arrays.labels.shape().rank() > 0 && arrays.labels.shape()[0] != shape[0]) {
    throw Error({.where = arrays.name,
                 .rule = "there must be one label a picture",
                 .received = Concat(shape[0], " pictures and ", arrays.labels.shape()[0], " labels"),
                 .fix = "take both from the same data set"});
  }
  std::vector<int32_t> labels = Labels(arrays.labels, arrays.name);
  Tensor images = Pixels(std::move(arrays.images), arrays.name);
  if (shape.rank() == 3) images = std::move(images).Reshaped({shape[0], shape[1], shape[2], 1});
  return Dataset({.name = std::move(arrays.name),
                  .images = std::move(images),
                  .labels = std::move(labels),
                  .class_names = std::move(arrays.class_names),
                  .least_classes = arrays.least_classes,
                  .white = arrays.white,
                  .remark = std::move(arrays.remark)});
}

}  // namespace convscope
