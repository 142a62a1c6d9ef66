// Activation functions, readable: the truth that the fast activations are tested against, and the float64 path.
//
// Formulas are Keras 3's (keras/src/activations/activations.py), written so that they lose no digits and do not
// overflow. Where a formula meets an infinity, the result is the limit: softsign(inf) = 1; swish, gelu and mish of
// -inf are -0. NaN gives NaN. Softmax has no limit at +inf: its row becomes NaN, as it does in every framework, and so
// does log_softmax'.
#ifndef CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_H_
#define CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "convscope/kernels/activation.h"

namespace convscope::reference {

// 1 / (1 + e^-x), by the exponential that cannot overflow.
template <typename T>
T Sigmoid(T x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const T e = std::exp(x);
  return e / (1 + e);
}

// f(x) of every activation but softmax and log_softmax.
template <typename T>
T Activate(const Activation& activation, T x) {
  const T alpha = activation.alpha, beta = activation.beta;
  switch (activation.kind) {
    case ActivationKind::kLinear:  // x
    case ActivationKind::kSoftmax:
    case ActivationKind::kLogSoftmax:
      return x;
    case ActivationKind::kRelu:  // max(x, 0)
      return x < 0 ? 0 : x;
    case ActivationKind::kRelu6:  // min(max(x, 0), 6)
      return x < 0 ? 0 : x > 6 ? 6 : x;
    case ActivationKind::kLeakyRelu:  // x for x >= 0, alpha x below
      return x < 0 ? alpha * x : x;
    case ActivationKind::kElu:  // x for x >= 0, alpha (e^x - 1) below; Clevert et al. 2016, arXiv 1511.07289
      return x < 0 ? alpha * std::expm1(x) : x;
    case ActivationKind::kSelu: {  // scale elu(x, alpha); Klambauer et al. 2017, arXiv 1706.02515
      const T scale = static_cast<T>(kSeluScale), selu_alpha = static_cast<T>(kSeluAlpha);
      return scale * (x < 0 ? selu_alpha * std::expm1(x) : x);
    }
    case ActivationKind::kSigmoid:  // 1 / (1 + e^-x)
      return Sigmoid(x);
    case ActivationKind::kHardSigmoid: {  // min(max(alpha x + beta, 0), 1); Keras 3: relu6(x + 3) / 6
      const T y = alpha * x + beta;
      return y < 0 ? 0 : y > 1 ? 1 : y;
    }
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kSoftplus:  // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
      return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x)));
    case ActivationKind::kSoftsign:  // x / (1 + |x|)
      return std::isinf(x) ? std::copysign(T{1}, x) : x / (1 + std::abs(x));
    case ActivationKind::kSwish:  // x sigmoid(x); also called silu
      return std::isinf(x) && x < 0 ? T{-0.0} : x * Sigmoid(x);
    case ActivationKind::kGelu: {  // x P(Z <= x), Z normal; Hendrycks and Gimpel 2016, arXiv 1606.08415
      if (std::isinf(x) && x < 0) return T{-0.0};
      if (activation.approximate) {
        // x/2 (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3); (1 + tanh(u)) / 2 = sigmoid(2u) keeps its digits.
        const T root = std::sqrt(2 * std::numbers::inv_pi_v<T>);
        return x * Sigmoid(2 * root * (x + T(0.044715) * x * x * x));
      }
      return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<T>);  // erfc(-z) = 1 + erf(z), without the cancellation
    }
    case ActivationKind::kMish: {  // x tanh(softplus(x)); Misra 2019, arXiv 1908.08681
      // tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2); divided by e^2 = e^2x where that would overflow.
      if (std::isinf(x) && x < 0) return T{-0.0};
      const T e = std::exp(-std::abs(x));
      const T above = x < 0 ? e * (e + 2) : 1 + 2 * e;
      return x * (above / (above + (x < 0 ? T{2} : 2 * e * e)));
    }
    case ActivationKind::kExponential:  // e^x
      return std::exp(x);
    case ActivationKind::kHardSwish: {  // x min(max(x + 3, 0), 6) / 6; Howard et al. 2019, arXiv 1905.02244
      if (std::isinf(x) && x < 0) return T{-0.0};
      const T gate = x + 3;
      return x * ((gate < 0 ? 0 : gate > 6 ? 6 : gate) / 6);
    }
    case ActivationKind::kThresholdedRelu:  // x for x > alpha, else 0
      return x <= alpha ? 0 : x;
    case ActivationKind::kCelu:  // x for x >= 0, alpha (e^(x / alpha) - 1) below; Barron 2017, arXiv 1704.07483
      return x < 0 ? alpha * std::expm1(x / alpha) : x;
  }
  return x;
}

// e^x_i / sum over the row of e^x_j; the row's maximum is taken off all of it first, which changes nothing but keeps
// e^x finite. `row` values in, `row` values out, in place when both are the same.
template <typename T>
void Softmax(const T* input, T* output, int64_t row) {
  const T maximum = *std::max_element(input, input + row);
  T sum = 0;
  for (int64_t i = 0; i < row; ++i) sum += output[i] = std::exp(input[i] - maximum);
  for (int64_t i = 0; i < row; ++i) output[i] /= sum;
}

// x_i - log(sum over the row of e^x_j), by the maximum as in Softmax.
template <typename T>
void LogSoftmax(const T* input, T* output, int64_t row) {
  const T maximum = *std::max_element(input, input + row);
  T sum = 0;
  for (int64_t i = 0; i < row; ++i) sum += std::exp(input[i] - maximum);
  const T logarithm = std::log(sum);
  for (int64_t i = 0; i < row; ++i) output[i] = (input[i] - maximum) - logarithm;
}

// Same arguments as convscope::Activate.
template <typename T>
void Activate(const Activation& activation, const T* input, T* output, int64_t count, int64_t row) {
  if (activation.kind == ActivationKind::kSoftmax) {
    for (int64_t i = 0; i < count; i += row) Softmax(input + i, output + i, row);
    return;
  }
  if (activation.kind == ActivationKind::kLogSoftmax) {
    for (int64_t i = 0; i < count; i += row) LogSoftmax(input + i, output + i, row);
    return;
  }
  for (int64_t i = 0; i < count; ++i) output[i] = Activate(activation, input[i]);
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_H_
