// How often a classifier is right, counted in integers, so that it does not matter in which order samples are counted.
#ifndef CONVSCOPE_TRAIN_METRICS_H_
#define CONVSCOPE_TRAIN_METRICS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// Counts of (true class, predicted class).
class ConfusionMatrix {
 public:
  ConfusionMatrix() = default;
  // Throws Error for fewer than 2 classes.
  explicit ConfusionMatrix(int64_t classes);

  // Both in [0, classes).
  void Add(int64_t truth, int64_t predicted, int64_t count = 1);
  // Throws Error for another number of classes.
  void Add(const ConfusionMatrix& other);

  int64_t classes() const { return classes_; }
  int64_t operator()(int64_t truth, int64_t predicted) const {
    return counts_[static_cast<size_t>(truth * classes_ + predicted)];
  }
  std::span<const int64_t> counts() const { return counts_; }  // (classes, classes), rows true, columns predicted
  int64_t Total() const;
  int64_t Correct() const;

  // Those that samples are of or are predicted as, in order.
  std::vector<int64_t> Occurring() const;

  // Of one class. A quotient 0 / 0 is 0, as in scikit-learn.
  double Precision(int64_t c) const;  // predicted c and right / predicted c
  double Recall(int64_t c) const;     // predicted c and right / truly c
  double F1(int64_t c) const;         // 2 precision recall / (precision + recall)
  // Means over the classes, each counting alike ("macro").
  double Precision() const;
  double Recall() const;
  double F1() const;

 private:
  int64_t RowSum(int64_t truth) const;
  int64_t ColumnSum(int64_t predicted) const;

  int64_t classes_ = 0;
  std::vector<int64_t> counts_;
};

// How many samples of one batch a classifier gets right.
struct Hits {
  int64_t correct = 0;      // the true class is predicted
  int64_t top_correct = 0;  // it is among the first `top`
};

// What is counted of a classifier's output.
class ClassificationCounts {
 public:
  ClassificationCounts() = default;
  // `top`: a sample is also counted as right among the first `top` classes. Throws Error unless 2 <= classes and
  // 1 <= top <= classes.
  explicit ClassificationCounts(int64_t classes, int64_t top = 1);

  // scores (N, classes): the class with the largest score is predicted, the first of equal ones. scores (N, 1): two
  // classes; 1 is predicted where the score is above `threshold` (0.5 of probabilities, 0 of logits), and `top` does
  // not count. A sample with a score that is NaN has no class predicted: it is in total() alone, in no column of the
  // confusion matrix and never right. labels (N,), in [0, classes). Throws Error otherwise.
  // Returns the hits of these samples alone.
  Hits Add(TensorView<const float> scores, std::span<const int32_t> labels, double threshold = 0.5);

  const ConfusionMatrix& confusion() const { return confusion_; }
  int64_t total() const { return total_; }
  int64_t without_class() const { return total_ - confusion_.Total(); }  // whose scores are NaN
  double Accuracy() const;                                               // of 0 samples: 0
  double TopAccuracy() const;  // the true class is among the `top` of the largest scores, the first of equal ones first
  int64_t top() const { return top_; }
  int64_t correct() const { return correct_; }
  int64_t top_correct() const { return top_correct_; }

 private:
  int64_t top_ = 1;
  int64_t total_ = 0, correct_ = 0, top_correct_ = 0;
  ConfusionMatrix confusion_;
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_METRICS_H_
