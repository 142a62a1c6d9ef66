// Gradients of activations, readable: the truth that the fast ones are tested against, and the float64 path.
//
// Each is the output's gradient times f'(x), written in terms of the output y where y determines it (see
// GradientReadsOutput). Where f bends (relu and leaky_relu at 0, relu6 at 0 and 6, hard_sigmoid at 0 and 1, elu and
// selu at 0, hard_swish at -3 and 3), the slope is that of the side below 0 or outside, as in TensorFlow and PyTorch.
// Where relu, relu6, hard_sigmoid, hard_swish and thresholded_relu are flat the result is 0 whatever comes back, an
// infinity or NaN too. A NaN in the value gives NaN.
#ifndef CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_GRADIENT_H_
#define CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_GRADIENT_H_

#include <cmath>
#include <cstdint>
#include <numbers>

#include "convscope/kernels/activation_gradient.h"
#include "convscope/kernels/reference/activation.h"

namespace convscope::reference {

// f'(x) of the activations whose gradient reads the input, and which have one at every x; the limit at an infinity.
template <typename T>
T Slope(const Activation& activation, T x) {
  if (std::isinf(x)) return x > 0 ? 1 : 0;
  switch (activation.kind) {
    case ActivationKind::kSwish:  // f = x s(x): s + x s(x) s(-x)
      return Sigmoid(x) + x * Sigmoid(x) * Sigmoid(-x);
    case ActivationKind::kGelu: {
      if (activation.approximate) {
        // f = x s(2u), u = sqrt(2/pi) (x + 0.044715 x^3): s + x s(2u) s(-2u) 2 u'
        const T twice_root = 2 * std::sqrt(2 * std::numbers::inv_pi_v<T>);
        const T u2 = twice_root * (x + T(0.044715) * x * x * x);
        const T slope_of_u2 = twice_root * (1 + T(3 * 0.044715) * x * x);
        return Sigmoid(u2) + x * Sigmoid(u2) * Sigmoid(-u2) * slope_of_u2;
      }
      // f = x P(Z <= x): P + x times the density of the normal distribution
      const T density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi_v<T>);
      return std::erfc(-x / std::numbers::sqrt2_v<T>) / 2 + x * density;
    }
    case ActivationKind::kMish: {
      // f = x t, t = tanh(softplus(x)): t + x (1 - t^2) s(x); t = n / (n + r) as in Activate, so 1 - t = r / (n + r).
      const T e = std::exp(-std::abs(x));
      const T n = x < 0 ? e * (e + 2) : 1 + 2 * e;
      const T r = x < 0 ? T{2} : 2 * e * e;
      const T t = n / (n + r);
      return t + x * (r / (n + r)) * (1 + t) * Sigmoid(x);
    }
    default:
      return 1;
  }
}

// The gradient of the input of every activation but softmax and log_softmax.
template <typename T>
T ActivationGradient(const Activation& activation, T value, T output_gradient) {
  const T alpha = activation.alpha;
  const T y = value, dy = output_gradient;
  if (std::isnan(value)) return value;
  switch (activation.kind) {
    case ActivationKind::kLinear:
    case ActivationKind::kSoftmax:
    case ActivationKind::kLogSoftmax:
      return dy;
    case ActivationKind::kRelu:  // 1 for x > 0, else 0; x > 0 where y > 0
      return y > 0 ? dy : 0;
    case ActivationKind::kRelu6:
      return y > 0 && y < 6 ? dy : 0;
    case ActivationKind::kLeakyRelu:  // 1 for x > 0, else alpha
      return value > 0 ? dy : alpha * dy;
    case ActivationKind::kElu:  // 1 for x > 0, else alpha e^x = y + alpha
      if (value > 0) return dy;
      return dy * (GradientReadsOutput(activation) ? y + alpha : alpha * std::exp(value));
    case ActivationKind::kSelu:
      return dy * (y > 0 ? static_cast<T>(kSeluScale) : y + static_cast<T>(kSeluScale * kSeluAlpha));
    case ActivationKind::kSigmoid:
      return dy * (y * (1 - y));
    case ActivationKind::kHardSigmoid:
      return y > 0 && y < 1 ? alpha * dy : 0;
    case ActivationKind::kTanh:  // 1 - y^2, without the cancellation
      return dy * ((1 - y) * (1 + y));
    case ActivationKind::kSoftplus:  // sigmoid(x) = 1 - e^-y
      return dy * -std::expm1(-y);
    case ActivationKind::kSoftsign:  // 1 / (1 + |x|)^2
      return dy * ((1 - std::abs(y)) * (1 - std::abs(y)));
    case ActivationKind::kSwish:
    case ActivationKind::kGelu:
    case ActivationKind::kMish:
      return dy * Slope(activation, value);
    case ActivationKind::kExponential:
      return dy * y;
    case ActivationKind::kHardSwish:  // f = x (x + 3) / 6 inside
      return value <= -3 ? 0 : value >= 3 ? dy : dy * ((2 * value + 3) / 6);
    case ActivationKind::kThresholdedRelu:  // 1 for x > alpha, which y > 0 tells unless alpha is negative
      return value > (GradientReadsOutput(activation) ? 0 : alpha) ? dy : 0;
    case ActivationKind::kCelu:  // 1 for x > 0, else e^(x / alpha) = (y + alpha) / alpha
      return y > 0 ? dy : dy * ((y + alpha) / alpha);
  }
  return dy;
}

// dx_i = y_i (dy_i - sum over the row of dy_j y_j). `output` is the softmax itself. `row` values each.
template <typename T>
void SoftmaxGradient(const T* output, const T* output_gradient, T* input_gradient, int64_t row) {
  T sum = 0;
  for (int64_t i = 0; i < row; ++i) sum += output_gradient[i] * output[i];
  for (int64_t i = 0; i < row; ++i) input_gradient[i] = output[i] * (output_gradient[i] - sum);
}

// dx_i = dy_i - e^y_i (sum over the row of dy_j). `output` is the log_softmax itself.
template <typename T>
void LogSoftmaxGradient(const T* output, const T* output_gradient, T* input_gradient, int64_t row) {
  T sum = 0;
  for (int64_t i = 0; i < row; ++i) sum += output_gradient[i];
  for (int64_t i = 0; i < row; ++i) input_gradient[i] = output_gradient[i] - std::exp(output[i]) * sum;
}

// Same arguments as convscope::ActivationGradient.
template <typename T>
void ActivationGradient(const Activation& activation, const T* value, const T* output_gradient, T* input_gradient,
                        int64_t count, int64_t row) {
  if (activation.kind == ActivationKind::kSoftmax) {
    for (int64_t i = 0; i < count; i += row) {
      SoftmaxGradient(value + i, output_gradient + i, input_gradient + i, row);
    }
    return;
  }
  if (activation.kind == ActivationKind::kLogSoftmax) {
    for (int64_t i = 0; i < count; i += row) {
      LogSoftmaxGradient(value + i, output_gradient + i, input_gradient + i, row);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    input_gradient[i] = ActivationGradient(activation, value[i], output_gradient[i]);
  }
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_ACTIVATION_GRADIENT_H_
