// The update of parameters in vectors, compiled once for each target. Not for users; formulas stand beside the
// reference.
#include <hwy/highway.h>

#include "convscope/kernels/parameter_update.h"

#if defined(CONVSCOPE_KERNELS_PARAMETER_UPDATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_PARAMETER_UPDATE_INL_H_
#undef CONVSCOPE_KERNELS_PARAMETER_UPDATE_INL_H_
#else
#define CONVSCOPE_KERNELS_PARAMETER_UPDATE_INL_H_
#endif

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using Vec = hn::Vec<F32>;
constexpr F32 kFloats;

HWY_INLINE Vec Value(double x) {
  return hn::Set(kFloats, static_cast<float>(x));
}

// Each rule moves parameter p and its states a, b, c by gradient g. kStates says how many of those it has.
struct Sgd {
  static constexpr int kStates = 0;
  Vec rate;
  explicit Sgd(const ParameterUpdate& u) : rate(Value(u.learning_rate)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec&, Vec&, Vec&) const { p = hn::NegMulAdd(rate, g, p); }
};

template <bool kNesterov>
struct Momentum {
  static constexpr int kStates = 1;
  Vec rate, momentum;
  explicit Momentum(const ParameterUpdate& u) : rate(Value(u.learning_rate)), momentum(Value(u.momentum)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec& velocity, Vec&, Vec&) const {
    const Vec step = hn::Mul(rate, g);
    velocity = hn::MulSub(momentum, velocity, step);
    p = hn::Add(p, kNesterov ? hn::MulSub(momentum, velocity, step) : velocity);
  }
};

struct Adagrad {
  static constexpr int kStates = 1;
  Vec rate, epsilon;
  explicit Adagrad(const ParameterUpdate& u) : rate(Value(u.learning_rate)), epsilon(Value(u.epsilon)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec& sum, Vec&, Vec&) const {
    sum = hn::MulAdd(g, g, sum);
    p = hn::Sub(p, hn::Div(hn::Mul(rate, g), hn::Sqrt(hn::Add(sum, epsilon))));
  }
};

struct Adadelta {
  static constexpr int kStates = 2;
  Vec rate, epsilon, rho, rest;
  explicit Adadelta(const ParameterUpdate& u)
      : rate(Value(u.learning_rate)), epsilon(Value(u.epsilon)), rho(Value(u.rho)), rest(Value(1 - u.rho)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec& square, Vec& moved, Vec&) const {
    square = hn::MulAdd(rest, hn::Mul(g, g), hn::Mul(rho, square));
    const Vec root = hn::Div(hn::Sqrt(hn::Add(moved, epsilon)), hn::Sqrt(hn::Add(square, epsilon)));
    const Vec step = hn::Mul(g, root);  // against the way to go: squared, its sign does not matter
    moved = hn::MulAdd(rest, hn::Mul(step, step), hn::Mul(rho, moved));
    p = hn::NegMulAdd(rate, step, p);
  }
};

template <bool kCentered, bool kMomentum>
struct RmsProp {
  static constexpr int kStates = 1 + (kCentered ? 1 : 0) + (kMomentum ? 1 : 0);
  Vec rate, epsilon, rho, rest, momentum;
  explicit RmsProp(const ParameterUpdate& u)
      : rate(Value(u.learning_rate)),
        epsilon(Value(u.epsilon)),
        rho(Value(u.rho)),
        rest(Value(1 - u.rho)),
        momentum(Value(u.momentum)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec& square, Vec& second, Vec& third) const {
    square = hn::MulAdd(rest, hn::Mul(g, g), hn::Mul(rho, square));
    Vec variance = square;
    if (kCentered) {
      second = hn::MulAdd(rest, g, hn::Mul(rho, second));
      // Not fused: of a constant gradient, whose variance is 0, a product of more digits would leave a difference.
      variance = hn::Sub(square, hn::Mul(second, second));
    }
    const Vec step = hn::Div(hn::Mul(rate, g), hn::Sqrt(hn::Add(variance, epsilon)));
    if (kMomentum) {
      Vec& velocity = kCentered ? third : second;
      velocity = hn::MulAdd(momentum, velocity, step);
      p = hn::Sub(p, velocity);
    } else {
      p = hn::Sub(p, step);
    }
  }
};

template <bool kAmsGrad>
struct Adam {
  static constexpr int kStates = kAmsGrad ? 3 : 2;
  Vec rate, epsilon, rest_1, rest_2;
  explicit Adam(const ParameterUpdate& u)
      : rate(Value(u.learning_rate)),
        epsilon(Value(u.epsilon)),
        rest_1(Value(1 - u.beta_1)),
        rest_2(Value(1 - u.beta_2)) {}
  HWY_INLINE void operator()(Vec g, Vec& p, Vec& mean, Vec& square, Vec& most) const {
    mean = hn::MulAdd(hn::Sub(g, mean), rest_1, mean);
    square = hn::MulAdd(hn::MulSub(g, g, square), rest_2, square);
    Vec largest = square;
    if (kAmsGrad) largest = most = hn::IfThenElse(hn::Gt(square, most), square, most);
    p = hn::Sub(p, hn::Div(hn::Mul(rate, mean), hn::Add(hn::Sqrt(largest), epsilon)));
  }
};

// The last numbers go through whole vectors too, so that a number's place never shows in its bits.
template <class Rule>
bool Update(const ParameterUpdate& update, const float* gradient, float* parameter, float* const* states,
            int64_t count) {
  constexpr int kStates = Rule::kStates;
  const Rule rule(update);
  const Vec scale = Value(update.gradient_scale), limit = Value(update.gradient_limit), keep = Value(update.keep);
  const Vec zero = hn::Zero(kFloats);
  Vec not_finite = zero;  // sums p * 0: 0 as long as every p is finite, else NaN
  const auto move = [&](Vec g, Vec& p, Vec& a, Vec& b, Vec& c) HWY_ATTR {
    g = hn::Mul(g, scale);
    g = hn::IfThenElse(hn::Gt(g, limit), limit, g);  // not Min and Max: they may drop a NaN
    g = hn::IfThenElse(hn::Lt(g, hn::Neg(limit)), hn::Neg(limit), g);
    p = hn::Mul(p, keep);
    rule(g, p, a, b, c);
    not_finite = hn::MulAdd(p, zero, not_finite);
  };

  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  float* const first = kStates > 0 ? states[0] : nullptr;
  float* const second = kStates > 1 ? states[1] : nullptr;
  float* const third = kStates > 2 ? states[2] : nullptr;
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Vec p = hn::LoadU(kFloats, parameter + i), a = zero, b = zero, c = zero;
    if (kStates > 0) a = hn::LoadU(kFloats, first + i);
    if (kStates > 1) b = hn::LoadU(kFloats, second + i);
    if (kStates > 2) c = hn::LoadU(kFloats, third + i);
    move(hn::LoadU(kFloats, gradient + i), p, a, b, c);
    hn::StoreU(p, kFloats, parameter + i);
    if (kStates > 0) hn::StoreU(a, kFloats, first + i);
    if (kStates > 1) hn::StoreU(b, kFloats, second + i);
    if (kStates > 2) hn::StoreU(c, kFloats, third + i);
  }
  if (i < count) {
    HWY_ALIGN float last[2 + kMostUpdateStates][HWY_MAX_BYTES / sizeof(float)] = {};
    std::copy(gradient + i, gradient + count, last[0]);
    std::copy(parameter + i, parameter + count, last[1]);
    for (int k = 0; k < kStates; ++k) std::copy(states[k] + i, states[k] + count, last[2 + k]);
    Vec p = hn::Load(kFloats, last[1]), a = hn::Load(kFloats, last[2]), b = hn::Load(kFloats, last[3]),
        c = hn::Load(kFloats, last[4]);
    // The lanes past the end may divide 0 by 0; they are not counted.
    const Vec before = not_finite;
    move(hn::Load(kFloats, last[0]), p, a, b, c);
    not_finite = before;
    hn::Store(p, kFloats, last[1]);
    hn::Store(a, kFloats, last[2]);
    hn::Store(b, kFloats, last[3]);
    hn::Store(c, kFloats, last[4]);
    for (int64_t k = 0; k < count - i; ++k) {
      if (!(last[1][k] * 0 == 0)) not_finite = hn::Set(kFloats, last[1][k] * 0);
    }
    std::copy(last[1], last[1] + (count - i), parameter + i);
    for (int k = 0; k < kStates; ++k) std::copy(last[2 + k], last[2 + k] + (count - i), states[k] + i);
  }
  return hn::AllTrue(kFloats, hn::Eq(not_finite, zero));
}

// Arguments as convscope::UpdateParameter.
inline bool UpdateRange(const ParameterUpdate& update, const float* gradient, float* parameter, float* const* states,
                        int64_t count) {
  switch (update.kind) {
    case UpdateKind::kSgd:
      if (update.momentum == 0) return Update<Sgd>(update, gradient, parameter, states, count);
      return update.nesterov ? Update<Momentum<true>>(update, gradient, parameter, states, count)
                             : Update<Momentum<false>>(update, gradient, parameter, states, count);
    case UpdateKind::kAdagrad:
      return Update<Adagrad>(update, gradient, parameter, states, count);
    case UpdateKind::kAdadelta:
      return Update<Adadelta>(update, gradient, parameter, states, count);
    case UpdateKind::kRmsProp:
      if (update.centered) {
        return update.momentum != 0 ? Update<RmsProp<true, true>>(update, gradient, parameter, states, count)
                                    : Update<RmsProp<true, false>>(update, gradient, parameter, states, count);
      }
      return update.momentum != 0 ? Update<RmsProp<false, true>>(update, gradient, parameter, states, count)
                                  : Update<RmsProp<false, false>>(update, gradient, parameter, states, count);
    case UpdateKind::kAdam:
      return update.amsgrad ? Update<Adam<true>>(update, gradient, parameter, states, count)
                            : Update<Adam<false>>(update, gradient, parameter, states, count);
  }
  return false;
}

// Arguments as convscope::SumOfSquares.
inline double SumSquares(const float* values, int64_t count) {
  const hn::ScalableTag<double> doubles;
  const hn::Rebind<float, hn::ScalableTag<double>> halves;
  const auto lanes = static_cast<int64_t>(hn::Lanes(doubles));
  auto sum = hn::Zero(doubles), next = hn::Zero(doubles);
  int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    const auto a = hn::PromoteTo(doubles, hn::LoadU(halves, values + i));
    const auto b = hn::PromoteTo(doubles, hn::LoadU(halves, values + i + lanes));
    sum = hn::MulAdd(a, a, sum);
    next = hn::MulAdd(b, b, next);
  }
  double total = hn::GetLane(hn::SumOfLanes(doubles, hn::Add(sum, next)));
  for (; i < count; ++i) total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_PARAMETER_UPDATE_INL_H_
