#include "convscope/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

struct Dataset::Storage {
  Tensor images;
  Shape shape;  // of one
  std::vector<int32_t> labels;
  std::vector<std::string> class_names;
  double white;
  std::string remark;
};

namespace {

void CheckImages(const DatasetParts& parts) {
  const Shape& shape = parts.images.shape();
  const DType dtype = parts.images.dtype();
  if (shape.rank() != 4 || shape[1] < 1 || shape[2] < 1 || shape[3] < 1) {
    throw Error({.where = parts.name,
                 .rule = "the pictures of a data set must have the shape (pictures, rows, columns, channels)",
                 .received = shape.ToString()});
  }
  if (dtype != DType::kUInt8 && dtype != DType::kFloat32) {
    throw Error({.where = parts.name,
                 .rule = "the pictures of a data set must be uint8 or float32",
                 .received = std::string(Name(dtype))});
  }
  if (!(parts.white >= 0) || !std::isfinite(parts.white)) {
    throw Error(
        {.where = parts.name, .rule = "white is stored as a number above 0", .received = ShortestText(parts.white)});
  }
  if (static_cast<int64_t>(parts.labels.size()) != shape[0]) {
    throw Error({.where = parts.name,
                 .rule = "a data set must have one label a picture",
                 .received = Concat(shape[0], " pictures and ", parts.labels.size(), " labels")});
  }
}

// Throws Error at the first label that is none of `classes`.
void CheckLabels(const DatasetParts& parts, int64_t classes) {
  for (size_t i = 0; i < parts.labels.size(); ++i) {
    if (parts.labels[i] >= 0 && parts.labels[i] < classes) continue;
    throw Error({.where = parts.name,
                 .rule = Concat("a label must be 0 to ", classes - 1),
                 .received = Concat("label ", parts.labels[i], " of picture ", i),
                 .fix = "the labels are damaged, or belong to other pictures"});
  }
}

}  // namespace

Dataset::Dataset(DatasetParts parts) {
  CheckImages(parts);
  if (parts.class_names.empty()) {
    CheckLabels(parts, kMostClasses);
    const auto largest = std::max_element(parts.labels.begin(), parts.labels.end());
    const int64_t classes = std::max(parts.least_classes, largest == parts.labels.end() ? 0 : int64_t{*largest} + 1);
    for (int64_t c = 0; c < classes; ++c) parts.class_names.push_back(Concat(c));
  } else {
    CheckLabels(parts, static_cast<int64_t>(parts.class_names.size()));
  }
  const Shape& all = parts.images.shape();
  const Shape one{all[1], all[2], all[3]};
  size_ = all[0];
  name_ = std::make_shared<const std::string>(std::move(parts.name));
  const double standard = parts.images.dtype() == DType::kUInt8 ? 255 : 1;
  storage_ = std::make_shared<const Storage>(
      Storage{std::move(parts.images), one, std::move(parts.labels), std::move(parts.class_names),
              parts.white == 0 ? standard : parts.white, std::move(parts.remark)});
}

const std::string& Dataset::name() const {
  return *name_;
}
const Shape& Dataset::shape() const {
  return storage_->shape;
}
DType Dataset::dtype() const {
  return storage_->images.dtype();
}
double Dataset::white() const {
  return storage_->white;
}
const std::vector<std::string>& Dataset::class_names() const {
  return storage_->class_names;
}
const std::string& Dataset::remark() const {
  return storage_->remark;
}
const Tensor& Dataset::Images() const {
  return storage_->images;
}
int32_t Dataset::label(int64_t i) const {
  return storage_->labels[static_cast<size_t>(Row(i))];
}

Tensor Dataset::image(int64_t i) const {
  if (i < 0 || i >= size_) {
    throw Error({.where = name(), .rule = Concat("the data set has pictures 0 to ", size_ - 1), .received = Concat(i)});
  }
  Tensor picture(Shape{1, height(), width(), channels()});
  const auto out = picture.view().span();
  const auto divide = [&, divisor = static_cast<float>(white())](auto in) {
    for (size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(in[k]) / divisor;
  };
  if (dtype() == DType::kUInt8) {
    divide(Pixels<uint8_t>(i).span());
  } else {
    divide(Pixels<float>(i).span());
  }
  return picture;
}

std::vector<int64_t> Dataset::ClassCounts() const {
  std::vector<int64_t> counts(static_cast<size_t>(classes()));
  for (int64_t i = 0; i < size_; ++i) ++counts[static_cast<size_t>(label(i))];
  return counts;
}

Dataset Dataset::Subset(std::span<const int64_t> rows) const {
  std::vector<int64_t> chosen;
  chosen.reserve(rows.size());
  for (const int64_t row : rows) {
    if (row < 0 || row >= size_) {
      throw Error(
          {.where = name(), .rule = Concat("the data set has pictures 0 to ", size_ - 1), .received = Concat(row)});
    }
    chosen.push_back(Row(row));
  }
  Dataset subset = *this;
  subset.size_ = static_cast<int64_t>(chosen.size());
  subset.rows_ = std::make_shared<const std::vector<int64_t>>(std::move(chosen));
  return subset;
}

Dataset Dataset::First(int64_t count) const {
  if (count < 0) {
    throw Error({.where = name(), .rule = "a number of pictures must be 0 or more", .received = Concat(count)});
  }
  Dataset first = *this;
  first.size_ = std::min(count, size_);  // rows_ may be longer than that
  return first;
}

Dataset Dataset::Named(std::string name) const {
  Dataset named = *this;
  named.name_ = std::make_shared<const std::string>(std::move(name));
  return named;
}

void CheckAlike(const Dataset& a, const Dataset& b) {
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype() || a.white() != b.white() || a.classes() != b.classes()) {
    const auto text = [](const Dataset& d) {
      return Concat(d.shape().ToString(), " ", Name(d.dtype()), " up to ", ShortestText(d.white()), " with ",
                    d.classes(), " classes");
    };
    throw Error({.where = b.name(),
                 .rule = Concat("its pictures must be like those of ", a.name(), ", ", text(a)),
                 .received = text(b)});
  }
}

}  // namespace convscope
