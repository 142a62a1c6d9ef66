// Gradients of activations in vectors, compiled once for each target. Not for users; formulas stand beside the
// reference.
#include <hwy/highway.h>

#include "convscope/kernels/activation-inl.h"
#include "convscope/kernels/activation_gradient.h"

#if defined(CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_INL_H_
#undef CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_INL_H_
#else
#define CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <numbers>

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {

// Each of these is (value, gradient of the output) -> gradient of the input; no value is a NaN.

// dy where 0 < y < most, else 0; times `slope`.
struct BetweenGradient {
  float most, slope;
  HWY_INLINE Vec operator()(Vec y, Vec dy) const {
    const auto inside = hn::And(hn::Gt(y, hn::Zero(kFloats)), hn::Lt(y, hn::Set(kFloats, most)));
    return hn::IfThenElseZero(inside, hn::Mul(dy, hn::Set(kFloats, slope)));
  }
};

struct ReluGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const { return hn::IfThenElseZero(hn::Gt(y, hn::Zero(kFloats)), dy); }
};

struct LeakyReluGradient {
  float alpha;
  HWY_INLINE Vec operator()(Vec value, Vec dy) const {
    return hn::IfThenElse(hn::Gt(value, hn::Zero(kFloats)), dy, hn::Mul(dy, hn::Set(kFloats, alpha)));
  }
};

// scale above 0, y + alpha below. alpha comes in two parts: near the limit -alpha of y its rounding would be all that
// is left.
struct EluGradient {
  double scale, alpha;
  HWY_INLINE Vec operator()(Vec y, Vec dy) const {
    const auto rest = alpha - static_cast<double>(static_cast<float>(alpha));
    const Vec below = hn::Add(hn::Add(y, Value(alpha)), Value(rest));
    return hn::Mul(dy, hn::IfThenElse(hn::Gt(y, hn::Zero(kFloats)), Value(scale), below));
  }
};

struct EluOfInputGradient {
  float alpha;
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const Vec below = hn::Mul(hn::Set(kFloats, alpha), Exp(x));
    return hn::Mul(dy, hn::IfThenElse(hn::Gt(x, hn::Zero(kFloats)), Value(1), below));
  }
};

struct SigmoidGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const { return hn::Mul(dy, hn::Mul(y, hn::Sub(Value(1), y))); }
};

struct TanhGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const {
    return hn::Mul(dy, hn::Mul(hn::Sub(Value(1), y), hn::Add(Value(1), y)));
  }
};

struct SoftplusGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const { return hn::Mul(dy, hn::Neg(Expm1OfNegative(hn::Neg(y)))); }
};

struct SoftsignGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const {
    const Vec root = hn::Sub(Value(1), hn::Abs(y));
    return hn::Mul(dy, hn::Mul(root, root));
  }
};

struct SwishGradient {
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const Vec bounded = Clamp(x, -200, 200);
    const Vec s = Sigmoid(bounded);
    return hn::Mul(dy, hn::MulAdd(hn::Mul(bounded, s), Sigmoid(hn::Neg(bounded)), s));
  }
};

struct GeluGradient {
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const Vec bounded = Clamp(x, -20, 20);
    const Vec e = NormalExp(hn::Abs(bounded));
    const Vec density = hn::Mul(e, Value(1 / std::sqrt(2 * std::numbers::pi)));
    return hn::Mul(dy, hn::MulAdd(bounded, density, NormalBelow(bounded, e)));
  }
};

struct GeluByTanhGradient {
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const double twice_root = 2 * std::sqrt(2 * std::numbers::inv_pi);
    const Vec bounded = Clamp(x, -200, 200);
    const Vec square = hn::Mul(bounded, bounded);
    const Vec cubic = hn::Mul(square, hn::Mul(bounded, Value(0.044715)));
    const Vec u = hn::Mul(hn::Add(bounded, cubic), Value(twice_root));
    const Vec slope_of_u = hn::MulAdd(square, Value(3 * 0.044715 * twice_root), Value(twice_root));
    const Vec s = Sigmoid(u);
    const Vec flat = hn::Mul(s, Sigmoid(hn::Neg(u)));
    return hn::Mul(dy, hn::MulAdd(hn::Mul(bounded, slope_of_u), flat, s));
  }
};

struct MishGradient {
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const Vec bounded = Clamp(x, -200, 200), one = Value(1), two = Value(2);
    const auto negative = hn::Lt(bounded, hn::Zero(kFloats));
    const Vec e = Exp(hn::Neg(hn::Abs(bounded)));
    const Vec n = hn::IfThenElse(negative, hn::Mul(e, hn::Add(e, two)), hn::MulAdd(two, e, one));
    const Vec r = hn::IfThenElse(negative, two, hn::Mul(two, hn::Mul(e, e)));
    const Vec sum = hn::Add(n, r);
    const Vec t = hn::Div(n, sum), rest = hn::Mul(hn::Div(r, sum), hn::Add(one, t));
    const Vec s = hn::Div(hn::IfThenElse(negative, e, one), hn::Add(one, e));
    return hn::Mul(dy, hn::MulAdd(hn::Mul(bounded, rest), s, t));
  }
};

struct ExponentialGradient {
  HWY_INLINE Vec operator()(Vec y, Vec dy) const { return hn::Mul(dy, y); }
};

struct HardSwishGradient {
  HWY_INLINE Vec operator()(Vec x, Vec dy) const {
    const Vec three = Value(3);
    const Vec inside = hn::Mul(dy, hn::Div(hn::MulAdd(Value(2), x, three), Value(6)));
    const Vec above = hn::IfThenElse(hn::Ge(x, three), dy, inside);
    return hn::IfThenElseZero(hn::Gt(x, Value(-3)), above);
  }
};

// dy where the value, output or input, is above `least`.
struct AboveGradient {
  float least;
  HWY_INLINE Vec operator()(Vec value, Vec dy) const {
    return hn::IfThenElseZero(hn::Gt(value, hn::Set(kFloats, least)), dy);
  }
};

struct CeluGradient {
  float alpha;
  HWY_INLINE Vec operator()(Vec y, Vec dy) const {
    const Vec scale = hn::Set(kFloats, alpha);
    const Vec below = hn::Mul(dy, hn::Div(hn::Add(y, scale), scale));
    return hn::IfThenElse(hn::Gt(y, hn::Zero(kFloats)), dy, below);
  }
};

// input_gradient[i] = f(value[i], output_gradient[i]). The last values go through a whole vector too, so that a value's
// place never shows in its bits; so does a NaN, so that no f need think of one.
template <class F>
void MapGradient(const F& f, const float* value, const float* output_gradient, float* input_gradient, int64_t count) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const auto apply = [&f](Vec v, Vec dy) HWY_ATTR { return hn::IfThenElse(hn::IsNaN(v), v, f(v, dy)); };
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(apply(hn::LoadU(kFloats, value + i), hn::LoadU(kFloats, output_gradient + i)), kFloats,
               input_gradient + i);
  }
  if (i == count) return;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)] = {};
  HWY_ALIGN float last_gradient[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(value + i, value + count, last);
  std::copy(output_gradient + i, output_gradient + count, last_gradient);
  hn::Store(apply(hn::Load(kFloats, last), hn::Load(kFloats, last_gradient)), kFloats, last);
  std::copy(last, last + (count - i), input_gradient + i);
}

// One row. Missing values at the end are zeroes, which add nothing to the sum.
inline void SoftmaxGradient(const float* output, const float* output_gradient, float* input_gradient, int64_t row) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = row / lanes * lanes;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)] = {};
  HWY_ALIGN float last_gradient[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(output + whole, output + row, last);
  std::copy(output_gradient + whole, output_gradient + row, last_gradient);
  const Vec y = hn::Load(kFloats, last), dy = hn::Load(kFloats, last_gradient);

  Vec sums = hn::Mul(y, dy);
  for (int64_t i = 0; i < whole; i += lanes) {
    sums = hn::MulAdd(hn::LoadU(kFloats, output + i), hn::LoadU(kFloats, output_gradient + i), sums);
  }
  const Vec sum = hn::SumOfLanes(kFloats, sums);
  for (int64_t i = 0; i < whole; i += lanes) {
    const Vec difference = hn::Sub(hn::LoadU(kFloats, output_gradient + i), sum);
    hn::StoreU(hn::Mul(hn::LoadU(kFloats, output + i), difference), kFloats, input_gradient + i);
  }
  hn::Store(hn::Mul(y, hn::Sub(dy, sum)), kFloats, last);
  std::copy(last, last + (row - whole), input_gradient + whole);
}

// e^y of values up to 0; a NaN stays.
HWY_INLINE Vec ExpOrNaN(Vec y) {
  return hn::IfThenElse(hn::IsNaN(y), y, Exp(y));
}

// One row, as SoftmaxGradient.
inline void LogSoftmaxGradient(const float* output, const float* output_gradient, float* input_gradient, int64_t row) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = row / lanes * lanes;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)] = {};
  HWY_ALIGN float last_gradient[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(output + whole, output + row, last);
  std::copy(output_gradient + whole, output_gradient + row, last_gradient);
  const Vec y = hn::Load(kFloats, last), dy = hn::Load(kFloats, last_gradient);

  Vec sums = dy;
  for (int64_t i = 0; i < whole; i += lanes) sums = hn::Add(hn::LoadU(kFloats, output_gradient + i), sums);
  const Vec sum = hn::SumOfLanes(kFloats, sums);
  for (int64_t i = 0; i < whole; i += lanes) {
    const Vec share = hn::Mul(ExpOrNaN(hn::LoadU(kFloats, output + i)), sum);
    hn::StoreU(hn::Sub(hn::LoadU(kFloats, output_gradient + i), share), kFloats, input_gradient + i);
  }
  hn::Store(hn::Sub(dy, hn::Mul(ExpOrNaN(y), sum)), kFloats, last);
  std::copy(last, last + (row - whole), input_gradient + whole);
}

// Arguments as convscope::ActivationGradient.
inline void ActivationGradientOfAll(const Activation& activation, const float* value, const float* output_gradient,
                                    float* input_gradient, int64_t count, int64_t row) {
  const auto map = [&](const auto& f) { MapGradient(f, value, output_gradient, input_gradient, count); };
  switch (activation.kind) {
    case ActivationKind::kLinear:
      return map(LeakyReluGradient{1});
    case ActivationKind::kRelu:
      return map(ReluGradient{});
    case ActivationKind::kRelu6:
      return map(BetweenGradient{6, 1});
    case ActivationKind::kLeakyRelu:
      return map(LeakyReluGradient{activation.alpha});
    case ActivationKind::kElu:
      return GradientReadsOutput(activation) ? map(EluGradient{1, activation.alpha})
                                             : map(EluOfInputGradient{activation.alpha});
    case ActivationKind::kSelu:
      return map(EluGradient{kSeluScale, kSeluScale * kSeluAlpha});
    case ActivationKind::kSigmoid:
      return map(SigmoidGradient{});
    case ActivationKind::kHardSigmoid:
      return map(BetweenGradient{1, activation.alpha});
    case ActivationKind::kTanh:
      return map(TanhGradient{});
    case ActivationKind::kSoftplus:
      return map(SoftplusGradient{});
    case ActivationKind::kSoftsign:
      return map(SoftsignGradient{});
    case ActivationKind::kSwish:
      return map(SwishGradient{});
    case ActivationKind::kGelu:
      return activation.approximate ? map(GeluByTanhGradient{}) : map(GeluGradient{});
    case ActivationKind::kMish:
      return map(MishGradient{});
    case ActivationKind::kExponential:
      return map(ExponentialGradient{});
    case ActivationKind::kSoftmax:
      for (int64_t i = 0; i < count; i += row) {
        SoftmaxGradient(value + i, output_gradient + i, input_gradient + i, row);
      }
      return;
    case ActivationKind::kHardSwish:
      return map(HardSwishGradient{});
    case ActivationKind::kThresholdedRelu:
      return map(AboveGradient{GradientReadsOutput(activation) ? 0 : activation.alpha});
    case ActivationKind::kCelu:
      return map(CeluGradient{activation.alpha});
    case ActivationKind::kLogSoftmax:
      for (int64_t i = 0; i < count; i += row) {
        LogSoftmaxGradient(value + i, output_gradient + i, input_gradient + i, row);
      }
      return;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_ACTIVATION_GRADIENT_INL_H_
