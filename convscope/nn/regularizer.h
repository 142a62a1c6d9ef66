// What is added to the loss so that numbers stay small, and what a parameter must satisfy after each step. Both belong
// to how a network is trained, not to its Graph: whoever trains adds and applies them (convscope/train).
#ifndef CONVSCOPE_NN_REGULARIZER_H_
#define CONVSCOPE_NN_REGULARIZER_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

// Keras' names, arguments and defaults.
struct L1 {
  double l1 = 0.01;
};
struct L2 {
  double l2 = 0.01;
};
struct L1L2 {
  double l1 = 0, l2 = 0;
};

// l1 sum |x| + l2 sum x^2; neither is none.
//
//   Dense{.units = 10, .kernel_regularizer = L2{1e-4}}
struct Regularizer {
  double l1 = 0, l2 = 0;

  Regularizer() = default;
  Regularizer(L1 term) : l1(term.l1) {}
  Regularizer(L2 term) : l2(term.l2) {}
  Regularizer(L1L2 terms) : l1(terms.l1), l2(terms.l2) {}

  bool IsNone() const { return l1 == 0 && l2 == 0; }
  bool operator==(const Regularizer&) const = default;
};

// Norms are Euclidean, over `axes` (those of a dense layer's inputs by default; {0, 1, 2} for a Conv2D's kernel, so
// that each filter has one).
struct MaxNorm {
  double max_value = 2;
  std::vector<int64_t> axes = {0};
  bool operator==(const MaxNorm&) const = default;
};
struct NonNeg {
  bool operator==(const NonNeg&) const = default;
};
struct UnitNorm {
  std::vector<int64_t> axes = {0};
  bool operator==(const UnitNorm&) const = default;
};
using Constraint = std::variant<std::monostate, MaxNorm, NonNeg, UnitNorm>;  // std::monostate: none

// Makes `values`, float32, satisfy the constraint by Keras' formulas: values times min(norm, max_value) / (1e-7 +
// norm); values over (1e-7 + norm); 0 for those below 0. A NaN stays one. Throws Error for an axis that does not exist
// or is named twice, and for a maximum that is not above 0.
void Constrain(const Constraint& constraint, Tensor& values);

}  // namespace convscope

#endif  // CONVSCOPE_NN_REGULARIZER_H_
