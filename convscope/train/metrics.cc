#include "convscope/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

double Quotient(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

template <typename Of>
double MeanOverClasses(int64_t classes, const Of& of) {
  double sum = 0;
  for (int64_t c = 0; c < classes; ++c) sum += of(c);
  return classes == 0 ? 0 : sum / static_cast<double>(classes);
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int64_t classes) : classes_(classes) {
  if (classes < 2) {
    throw Error({.where = "metrics",
                 .rule = "there are at least 2 classes to be told apart",
                 .received = std::to_string(classes)});
  }
  counts_.resize(static_cast<size_t>(Shape{classes, classes}.NumElements()));
}

void ConfusionMatrix::Add(int64_t truth, int64_t predicted, int64_t count) {
  counts_[static_cast<size_t>(truth * classes_ + predicted)] += count;
}

void ConfusionMatrix::Add(const ConfusionMatrix& other) {
  if (other.classes_ != classes_) {
    throw Error({.where = "metrics",
                 .rule = Concat("only counts of the same ", classes_, " classes can be added"),
                 .received = Concat(other.classes_, " classes")});
  }
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

int64_t ConfusionMatrix::Total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

int64_t ConfusionMatrix::Correct() const {
  int64_t sum = 0;
  for (int64_t c = 0; c < classes_; ++c) sum += (*this)(c, c);
  return sum;
}

int64_t ConfusionMatrix::RowSum(int64_t truth) const {
  int64_t sum = 0;
  for (int64_t c = 0; c < classes_; ++c) sum += (*this)(truth, c);
  return sum;
}

int64_t ConfusionMatrix::ColumnSum(int64_t predicted) const {
  int64_t sum = 0;
  for (int64_t c = 0; c < classes_; ++c) sum += (*this)(c, predicted);
  return sum;
}

std::vector<int64_t> ConfusionMatrix::Occurring() const {
  std::vector<int64_t> classes;
  for (int64_t c = 0; c < classes_; ++c) {
    if (RowSum(c) + ColumnSum(c) > 0) classes.push_back(c);
  }
  return classes;
}

double ConfusionMatrix::Precision(int64_t c) const {
  return Quotient((*this)(c, c), ColumnSum(c));
}

double ConfusionMatrix::Recall(int64_t c) const {
  return Quotient((*this)(c, c), RowSum(c));
}

// 2 / (1 / precision + 1 / recall), from the counts themselves.
double ConfusionMatrix::F1(int64_t c) const {
  return Quotient(2 * (*this)(c, c), RowSum(c) + ColumnSum(c));
}

double ConfusionMatrix::Precision() const {
  return MeanOverClasses(classes_, [this](int64_t c) { return Precision(c); });
}

double ConfusionMatrix::Recall() const {
  return MeanOverClasses(classes_, [this](int64_t c) { return Recall(c); });
}

double ConfusionMatrix::F1() const {
  return MeanOverClasses(classes_, [this](int64_t c) { return F1(c); });
}

ClassificationCounts::ClassificationCounts(int64_t classes, int64_t top) : top_(top), confusion_(classes) {
  if (top < 1 || top > classes) {
    throw Error({.where = "metrics",
                 .rule = Concat("top must be 1 to the number of classes, ", classes),
                 .received = std::to_string(top)});
  }
}

Hits ClassificationCounts::Add(TensorView<const float> scores, std::span<const int32_t> labels, double threshold) {
  const int64_t classes = confusion_.classes();
  const auto count = static_cast<int64_t>(labels.size());
  const Shape wanted{count, classes};
  const bool binary = scores.shape() == Shape{count, 1} && classes == 2;
  if (!binary && scores.shape() != wanted) {
    throw Error({.where = "metrics",
                 .rule = Concat("each sample has a score for each class, ", wanted.ToString()),
                 .received = scores.shape().ToString()});
  }
  Hits hits;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t label = labels[static_cast<size_t>(i)];
    if (label < 0 || label >= classes) {
      throw Error(
          {.where = "metrics", .rule = Concat("a label is in 0 to ", classes - 1), .received = std::to_string(label)});
    }
    const float* const row = scores.data() + i * (binary ? 1 : classes);
    if (std::any_of(row, row + (binary ? 1 : classes), [](float score) { return std::isnan(score); })) continue;
    int64_t predicted = 0, above = 0;
    if (binary) {
      predicted = static_cast<double>(scores[i]) > threshold ? 1 : 0;
      above = predicted == label ? 0 : 1;
    } else {
      predicted = std::max_element(row, row + classes) - row;
      // Of equal scores the first goes first, as it does for the class that is predicted.
      const float own = row[label];
      above = std::count_if(row, row + label, [own](float score) { return score >= own; }) +
              std::count_if(row + label, row + classes, [own](float score) { return score > own; });
    }
    confusion_.Add(label, predicted);
    hits.correct += predicted == label ? 1 : 0;
    hits.top_correct += above < top_ ? 1 : 0;
  }
  total_ += count;
  correct_ += hits.correct;
  top_correct_ += hits.top_correct;
  return hits;
}

double ClassificationCounts::Accuracy() const {
  return Quotient(correct_, total_);
}

double ClassificationCounts::TopAccuracy() const {
  return Quotient(top_correct_, total_);
}

}  // namespace convscope
