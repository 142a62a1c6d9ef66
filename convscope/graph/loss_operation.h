// What a network is told to make small, one number a sample. The mean over a batch is its reader's to take.
#ifndef CONVSCOPE_GRAPH_LOSS_OPERATION_H_
#define CONVSCOPE_GRAPH_LOSS_OPERATION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// Keras' names and formulas (keras/src/losses/losses.py), p the prediction and t the target, C the length of the last
// axis, over which sums and means run; epsilon = 1e-7; clip(x) holds x in [epsilon, 1 - epsilon].
enum class LossKind : uint8_t {
  kSparseCategoricalCrossEntropy,  // as the next, with t = 1 at the class that the target names, else 0
  kCategoricalCrossEntropy,        // -sum t log(clip(p / sum p)); from logits: sum t (log sum e^p - p)
  kBinaryCrossEntropy,  // -mean(t log clip(p) + (1 - t) log(1 - clip(p))); from logits with p = sigmoid(logit)
  kMeanSquaredError,    // mean (t - p)^2
  kMeanAbsoluteError,   // mean |t - p|
  kHuber,               // mean of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2, e = t - p
  kHinge,               // mean max(1 - t p, 0), t of -1 and 1; if all of the batch are 0 or 1, 2 t - 1 instead
  kKlDivergence,        // sum t log(t / p), both held in [epsilon, 1]
};

std::string_view Name(LossKind kind);           // "sparse_categorical_crossentropy", "huber", ... as Keras writes them
LossKind ParseLossKind(std::string_view name);  // throws Error, for an unknown name with the nearest ones
std::vector<std::string> LossNames();

// Inputs: p (N, ..., C), float32 or float64; the target, of the shape and type of p, or, for the sparse kind, classes
// from 0 to C - 1 as int32 of the shape of p without its last axis (or with one of length 1); if wanted, weights (N,)
// of the type of p. Output (N,): the mean of the loss over the positions between the first and the last axis, times
// the weight. Its gradient is that with respect to p; targets and weights are data, whose gradient counts as zero.
//
// From logits, softmax or sigmoid are part of the loss, with no digits lost; it is for the cross-entropies alone.
// Label smoothing s, in [0, 1): t becomes t (1 - s) + s / C (categorical) or t (1 - s) + s / 2 (binary).
//
// Infer throws Error for other shapes and for an option that the kind has no use for; a run throws Error, naming the
// sample, where a target names no class.
struct LossOp {
  LossKind kind = LossKind::kCategoricalCrossEntropy;
  bool from_logits = false;
  double label_smoothing = 0;
  double delta = 1;  // huber: where the square ends

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_LOSS_OPERATION_H_
