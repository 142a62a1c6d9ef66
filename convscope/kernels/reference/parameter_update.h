// How a parameter moves by its gradient, readable: the truth that the fast update is tested against, and the float64
// path.
//
// Formulas are Keras 3's (keras/src/optimizers). Other libraries place epsilon elsewhere: Keras adds it to the root in
// Adam (before the correction for the step's number; PyTorch after it) and under the root elsewhere.
#ifndef CONVSCOPE_KERNELS_REFERENCE_PARAMETER_UPDATE_H_
#define CONVSCOPE_KERNELS_REFERENCE_PARAMETER_UPDATE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "convscope/kernels/parameter_update.h"

namespace convscope::reference {

// One number: moves parameter p and its states s by gradient g.
template <typename T>
void UpdateOne(const ParameterUpdate& update, T g, T& p, T* s) {
  const T rate = static_cast<T>(update.learning_rate), epsilon = static_cast<T>(update.epsilon);
  const T momentum = static_cast<T>(update.momentum), rho = static_cast<T>(update.rho);
  const T limit = static_cast<T>(update.gradient_limit);
  g *= static_cast<T>(update.gradient_scale);
  g = g > limit ? limit : g < -limit ? -limit : g;
  p *= static_cast<T>(update.keep);
  switch (update.kind) {
    case UpdateKind::kSgd: {
      if (update.momentum == 0) {  // p - rate g
        p -= rate * g;
        return;
      }
      T& velocity = s[0];  // Sutskever et al. 2013 for nesterov
      velocity = momentum * velocity - rate * g;
      p += update.nesterov ? momentum * velocity - rate * g : velocity;
      return;
    }
    case UpdateKind::kAdagrad: {  // Duchi, Hazan, Singer 2011
      T& sum = s[0];
      sum += g * g;
      p -= rate * g / std::sqrt(sum + epsilon);
      return;
    }
    case UpdateKind::kAdadelta: {  // Zeiler 2012, arXiv 1212.5701
      T &square = s[0], &moved = s[1];
      square = rho * square + (1 - rho) * g * g;
      const T step = -g * std::sqrt(moved + epsilon) / std::sqrt(square + epsilon);
      moved = rho * moved + (1 - rho) * step * step;
      p += rate * step;
      return;
    }
    case UpdateKind::kRmsProp: {  // Hinton, lecture 6e; centered: Graves 2013, arXiv 1308.0850
      T& square = s[0];
      square = rho * square + (1 - rho) * g * g;
      T variance = square;
      if (update.centered) {
        T& mean = s[1];
        mean = rho * mean + (1 - rho) * g;
        variance -= mean * mean;
      }
      const T step = rate * g / std::sqrt(variance + epsilon);
      if (update.momentum == 0) {
        p -= step;
        return;
      }
      T& velocity = s[update.centered ? 2 : 1];
      velocity = momentum * velocity + step;
      p -= velocity;
      return;
    }
    case UpdateKind::kAdam: {  // Kingma and Ba 2015, arXiv 1412.6980, the form at the end of section 2
      T &mean = s[0], &square = s[1];
      mean += (g - mean) * static_cast<T>(1 - update.beta_1);
      square += (g * g - square) * static_cast<T>(1 - update.beta_2);
      T largest = square;
      if (update.amsgrad) largest = s[2] = square > s[2] ? square : s[2];  // Reddi et al. 2018
      p -= rate * mean / (std::sqrt(largest) + epsilon);
      return;
    }
  }
}

// Arguments as convscope::UpdateParameter.
template <typename T>
bool UpdateParameter(const ParameterUpdate& update, const T* gradient, T* parameter, T* const* states, int64_t count) {
  const size_t state_count = update.StateNames().size();
  bool finite = true;
  for (int64_t i = 0; i < count; ++i) {
    T own[kMostUpdateStates] = {};
    for (size_t k = 0; k < state_count; ++k) own[k] = states[k][i];
    UpdateOne(update, gradient[i], parameter[i], own);
    for (size_t k = 0; k < state_count; ++k) states[k][i] = own[k];
    finite = finite && std::isfinite(parameter[i]);
  }
  return finite;
}

template <typename T>
double SumOfSquares(const T* values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return sum;
}

}  // namespace convscope::reference

#endif  // CONVSCOPE_KERNELS_REFERENCE_PARAMETER_UPDATE_H_
