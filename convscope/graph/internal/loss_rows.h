// The arithmetic of the losses: one row of C values after the other, forward and backward. LossOp (loss_operation.h)
// states the formulas and checks shapes; not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_LOSS_ROWS_H_
#define CONVSCOPE_GRAPH_INTERNAL_LOSS_ROWS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/loss_operation.h"
#include "convscope/kernels/partial_sums.h"
#include "convscope/kernels/reference/activation.h"

namespace convscope {

inline constexpr double kLossEpsilon = 1e-7;  // Keras' backend.epsilon()

// Memory to work in, one a thread's range of rows.
template <typename T>
struct LossScratch {
  explicit LossScratch(int64_t classes) : target(classes), work(classes) {}
  std::vector<T> target, work;
};

// Rows of one call. The targets are `labels` for the sparse kind, else `targets`.
template <typename T>
class LossRows {
 public:
  // predictions (rows, C); targets (rows, C) or labels (rows,). `rows_a_sample` only tells errors which sample it was.
  LossRows(const LossOp& op, int64_t rows, int64_t classes, int64_t rows_a_sample, const void* predictions,
           const void* targets)
      : op_(op),
        classes_(classes),
        rows_a_sample_(rows_a_sample),
        predictions_(static_cast<const T*>(predictions)),
        targets_(static_cast<const T*>(targets)),
        labels_(static_cast<const int32_t*>(targets)) {
    if (op.kind != LossKind::kHinge) return;
    // Keras: labels are 0 and 1 when all of the batch are, else -1 and 1 already.
    const T* end = targets_ + rows * classes;
    binary_ = std::all_of(targets_, end, [](T t) { return t == 0 || t == 1; });
  }

  double Loss(int64_t row, LossScratch<T>& scratch) const {
    const T* p = predictions_ + row * classes_;
    if (IsCategorical()) return CategoricalLoss(p, row, scratch);
    const T* t = targets_ + row * classes_;
    double loss = 0;
    if (op_.kind == LossKind::kBinaryCrossEntropy && op_.from_logits) {
      // -log sigmoid and its twin as max(x, 0) - x t + log(1 + e^-|x|), which neither overflows nor cancels.
      T* work = scratch.work.data();
      for (int64_t i = 0; i < classes_; ++i) work[i] = -std::abs(p[i]);
      Apply(ActivationKind::kSoftplus, work, work);
      loss = PartialSums(classes_, [&](int64_t i) { return Above(p[i]) - p[i] * Smooth(t[i]) + work[i]; });
    } else {
      WithTerm([&](const auto& value, const auto&) {
        loss = PartialSums(classes_, [&](int64_t i) { return value(p[i], t[i]); });
      });
    }
    return loss * Share();
  }

  // gradient (C,): of the row's loss with respect to its prediction, times `seed`.
  void Gradient(int64_t row, T seed, T* gradient, LossScratch<T>& scratch) const {
    const T* p = predictions_ + row * classes_;
    if (IsCategorical()) return CategoricalGradient(p, row, seed, gradient, scratch);
    const T* t = targets_ + row * classes_;
    const T factor = seed * static_cast<T>(Share());
    if (op_.kind == LossKind::kBinaryCrossEntropy && op_.from_logits) {
      Apply(ActivationKind::kSigmoid, p, gradient);
      for (int64_t i = 0; i < classes_; ++i) gradient[i] = factor * (gradient[i] - Smooth(t[i]));
      return;
    }
    WithTerm([&](const auto&, const auto& slope) {
      for (int64_t i = 0; i < classes_; ++i) gradient[i] = factor * slope(p[i], t[i]);
    });
  }

 private:
  bool IsCategorical() const {
    return op_.kind == LossKind::kSparseCategoricalCrossEntropy || op_.kind == LossKind::kCategoricalCrossEntropy;
  }

  // Of each term in a row's loss: a mean or, for KL, a sum.
  double Share() const { return op_.kind == LossKind::kKlDivergence ? 1 : 1 / static_cast<double>(classes_); }

  static T Above(T x) { return x < 0 ? T{0} : x; }
  T Smooth(T t) const { return t * static_cast<T>(1 - op_.label_smoothing) + static_cast<T>(op_.label_smoothing / 2); }

  // softmax, sigmoid or softplus of one row: in vectors for float32.
  void Apply(ActivationKind kind, const T* input, T* output) const {
    if constexpr (std::is_same_v<T, float>) {
      Activate({.kind = kind}, input, output, classes_, classes_);
    } else {
      reference::Activate({.kind = kind}, input, output, classes_, classes_);
    }
  }

  // Calls use(value, slope), both functions of (p, t): a term of the loss, and its derivative by p.
  template <typename Use>
  void WithTerm(const Use& use) const {
    const T delta = static_cast<T>(op_.delta);
    switch (op_.kind) {
      case LossKind::kSparseCategoricalCrossEntropy:
      case LossKind::kCategoricalCrossEntropy:
        return;
      case LossKind::kBinaryCrossEntropy:  // in double: 1 - epsilon has no close float
        return use(
            [this](double p, T t) {
              const double q = std::clamp(p, kLossEpsilon, 1 - kLossEpsilon);
              return -(Smooth(t) * std::log(q) + (1 - Smooth(t)) * std::log1p(-q));
            },
            [this](double p, T t) -> T {
              if (p < kLossEpsilon || p > 1 - kLossEpsilon) return 0;
              return static_cast<T>((p - Smooth(t)) / (p * (1 - p)));
            });
      case LossKind::kMeanSquaredError:
        return use([](T p, T t) { return (t - p) * (t - p); }, [](T p, T t) { return 2 * (p - t); });
      case LossKind::kMeanAbsoluteError:
        return use([](T p, T t) { return std::abs(t - p); }, [](T p, T t) { return Sign(p - t); });
      case LossKind::kHuber:
        return use(
            [delta](T p, T t) {
              const T e = std::abs(t - p);
              return e > delta ? delta * e - delta * delta / 2 : e * e / 2;
            },
            [delta](T p, T t) { return std::abs(p - t) > delta ? delta * Sign(p - t) : p - t; });
      case LossKind::kHinge: {
        const T a = binary_ ? 2 : 1, b = binary_ ? -1 : 0;
        return use([a, b](T p, T t) { return Above(1 - (a * t + b) * p); },
                   [a, b](T p, T t) { return 1 - (a * t + b) * p <= 0 ? T{0} : -(a * t + b); });
      }
      case LossKind::kKlDivergence:
        return use(
            [](double p, double t) {
              const double held = std::clamp(t, kLossEpsilon, 1.0);
              return held * std::log(held / std::clamp(p, kLossEpsilon, 1.0));
            },
            [](double p, double t) -> T {
              if (p < kLossEpsilon || p > 1) return 0;
              return static_cast<T>(-std::clamp(t, kLossEpsilon, 1.0) / p);
            });
    }
  }

  static T Sign(T x) { return x > 0 ? T{1} : x < 0 ? T{-1} : x; }  // 0 of 0, NaN of NaN

  // The row's target with smoothing, as one value a class.
  const T* CategoricalTarget(int64_t row, LossScratch<T>& scratch) const {
    const T most = static_cast<T>(1 - op_.label_smoothing);
    const T rest = static_cast<T>(op_.label_smoothing / static_cast<double>(classes_));
    T* target = scratch.target.data();
    if (op_.kind == LossKind::kSparseCategoricalCrossEntropy) {
      const int32_t label = labels_[row];
      if (label < 0 || label >= classes_) {
        throw Error({.where = Concat("target of sample ", row / rows_a_sample_),
                     .rule = Concat("a target names a class, 0 to ", classes_ - 1),
                     .received = std::to_string(label)});
      }
      std::fill_n(target, classes_, rest);
      target[label] += most;
    } else {
      const T* given = targets_ + row * classes_;
      for (int64_t i = 0; i < classes_; ++i) target[i] = given[i] * most + rest;
    }
    return target;
  }

  // Classes with a target of 0 have no term, so that a logit of -infinity is a probability of 0 and not a NaN.
  double CategoricalLoss(const T* p, int64_t row, LossScratch<T>& scratch) const {
    const T* target = CategoricalTarget(row, scratch);
    if (op_.from_logits) {
      // log sum e^p = p_m - log softmax_m, best where softmax is largest.
      T* work = scratch.work.data();
      Apply(ActivationKind::kSoftmax, p, work);
      const int64_t m = std::max_element(p, p + classes_) - p;
      const double log_sum = p[m] - std::log(static_cast<double>(work[m]));
      return PartialSums(classes_, [&](int64_t i) { return target[i] == 0 ? 0 : target[i] * (log_sum - p[i]); });
    }
    const double sum = PartialSums(classes_, [&](int64_t i) { return p[i]; });
    return PartialSums(classes_, [&](int64_t i) {
      return target[i] == 0 ? 0 : -target[i] * std::log(std::clamp(p[i] / sum, kLossEpsilon, 1 - kLossEpsilon));
    });
  }

  void CategoricalGradient(const T* p, int64_t row, T seed, T* gradient, LossScratch<T>& scratch) const {
    const T* target = CategoricalTarget(row, scratch);
    if (op_.from_logits) {  // softmax - t, for targets that sum to 1
      Apply(ActivationKind::kSoftmax, p, gradient);
      const auto total = static_cast<T>(PartialSums(classes_, [&](int64_t i) { return target[i]; }));
      for (int64_t i = 0; i < classes_; ++i) gradient[i] = seed * (gradient[i] * total - target[i]);
      return;
    }
    // With q = p / sum p: the derivative by q_i is -t_i / q_i, or 0 where q_i is held; q then depends on every p.
    const double sum = PartialSums(classes_, [&](int64_t i) { return p[i]; });
    const auto held = [&](int64_t i) { return p[i] / sum < kLossEpsilon || p[i] / sum > 1 - kLossEpsilon; };
    const double total = PartialSums(classes_, [&](int64_t i) { return held(i) ? 0 : target[i]; });
    for (int64_t i = 0; i < classes_; ++i) {
      const double by_q = held(i) || target[i] == 0 ? 0 : -target[i] * (sum / p[i]);
      gradient[i] = static_cast<T>(seed / sum * (by_q + total));
    }
  }

  const LossOp& op_;
  int64_t classes_;
  int64_t rows_a_sample_;
  const T* predictions_;
  const T* targets_;
  const int32_t* labels_;
  bool binary_ = false;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_LOSS_ROWS_H_
