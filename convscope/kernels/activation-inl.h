// Activations in vectors, compiled once for each target. Not for users; formulas stand beside the reference.
//
// Exp, Expm1, Log1p and Tanh are Highway's; here they are kept inside the ranges where those are valid.
#include <hwy/highway.h>

#include "convscope/kernels/activation.h"

#if defined(CONVSCOPE_KERNELS_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_ACTIVATION_INL_H_
#undef CONVSCOPE_KERNELS_ACTIVATION_INL_H_
#else
#define CONVSCOPE_KERNELS_ACTIVATION_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

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
HWY_INLINE Vec Clamp(Vec x, double low, double high) {
  return hn::Min(hn::Max(x, Value(low)), Value(high));
}

// e^x. Beyond these bounds it is 0 or infinity in float32 already.
HWY_INLINE Vec Exp(Vec x) {
  return hn::Exp(kFloats, Clamp(x, -104, 104));
}

// e^x - 1 for x <= 0.
HWY_INLINE Vec Expm1OfNegative(Vec x) {
  return hn::Expm1(kFloats, Clamp(x, -104, 0));
}

// 1 / (1 + e^-x) = e^x / (1 + e^x), by the exponential that cannot overflow.
HWY_INLINE Vec Sigmoid(Vec x) {
  const Vec e = Exp(hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), e, Value(1)), hn::Add(Value(1), e));
}

// Factors of x that vanish far below 0, all of them 0 in float32 here: makes -infinity * 0 the limit, -0.
HWY_INLINE Vec NotBelowVanishing(Vec x) {
  return hn::Max(x, Value(-200));
}

// e^(-z^2 / 2), z >= 0.
HWY_INLINE Vec NormalExp(Vec z) {
  // z^2 / 2 to more than float32, since e^ turns its rounding into a relative error: z = high + low where high has 12
  // significant bits, so that high^2 is exact; z^2 = high^2 + low (z + high).
  const hn::RebindToUnsigned<F32> bits;
  const Vec high = hn::BitCast(kFloats, hn::And(hn::BitCast(bits, z), hn::Set(bits, 0xFFFFF000u)));
  const Vec large = hn::Mul(Value(0.5), hn::Mul(high, high));
  const Vec small = hn::Mul(Value(0.5), hn::Mul(hn::Sub(z, high), hn::Add(z, high)));
  const Vec sum = hn::Add(large, small);
  const Vec lost = hn::Add(hn::Sub(large, sum), small);
  const Vec e = Exp(hn::Neg(sum));
  return hn::NegMulAdd(e, lost, e);
}

// Q(z) = P(Z > z) of the normal distribution, z >= 0, relative error below 1e-6 where it is a normal float; `e` is
// NormalExp(z). Q(z) = e R(z) with R between 1/2 and 1 / (z sqrt(2 pi)); t = 1 / (1 + 15/64 z) maps that to a bounded
// interval, where a polynomial, fitted for the least relative error on z <= 14.5 (3e-9), gives R / t.
HWY_INLINE Vec NormalTail(Vec z, Vec e) {
  const Vec t = hn::Div(Value(1), hn::MulAdd(z, Value(0.234375), Value(1)));
  Vec poly = Value(0.027966059744358063);
  for (const double c :
       {-0.14971692860126495, 0.2812225818634033, -0.2372806817293167, 0.215148463845253, -0.007339562755078077,
        0.09776358306407928, 0.08489575982093811, 0.09385428577661514, 0.09348646551370621}) {
    poly = hn::MulAdd(poly, t, Value(c));
  }
  return hn::Mul(hn::Mul(t, poly), e);
}

// P(Z <= x) of the normal distribution, |x| <= 20; `e` is NormalExp(|x|).
HWY_INLINE Vec NormalBelow(Vec x, Vec e) {
  const Vec tail = NormalTail(hn::Abs(x), e);
  return hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), tail, hn::Sub(Value(1), tail));
}

struct ReluOf {
  HWY_INLINE Vec operator()(Vec x) const { return hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), hn::Zero(kFloats), x); }
};

struct Relu6Of {
  HWY_INLINE Vec operator()(Vec x) const { return Clamp(x, 0, 6); }
};

struct LeakyReluOf {
  float alpha;
  HWY_INLINE Vec operator()(Vec x) const {
    return hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), hn::Mul(x, hn::Set(kFloats, alpha)), x);
  }
};

// scale x above 0, alpha (e^x - 1) below: elu, and selu with both parameters in alpha.
struct EluOf {
  double scale, alpha;
  HWY_INLINE Vec operator()(Vec x) const {
    const Vec above = hn::Mul(x, Value(scale)), below = hn::Mul(Expm1OfNegative(x), Value(alpha));
    return hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), below, above);
  }
};

struct SigmoidOf {
  HWY_INLINE Vec operator()(Vec x) const { return Sigmoid(x); }
};

struct HardSigmoidOf {
  float alpha, beta;
  HWY_INLINE Vec operator()(Vec x) const {
    const Vec y = hn::MulAdd(x, hn::Set(kFloats, alpha), hn::Set(kFloats, beta));
    return hn::IfThenElse(hn::IsNaN(y), y, Clamp(y, 0, 1));  // alpha = 0 makes NaN of an infinity
  }
};

struct TanhOf {
  HWY_INLINE Vec operator()(Vec x) const { return hn::Tanh(kFloats, Clamp(x, -20, 20)); }
};

struct SoftplusOf {
  HWY_INLINE Vec operator()(Vec x) const {
    return hn::Add(hn::Max(x, hn::Zero(kFloats)), hn::Log1p(kFloats, Exp(hn::Neg(hn::Abs(x)))));
  }
};

struct SoftsignOf {
  HWY_INLINE Vec operator()(Vec x) const {
    constexpr double kMost = std::numeric_limits<float>::max();
    const Vec finite = Clamp(x, -kMost, kMost);
    return hn::Div(finite, hn::Add(Value(1), hn::Abs(finite)));
  }
};

struct SwishOf {
  HWY_INLINE Vec operator()(Vec x) const { return hn::Mul(NotBelowVanishing(x), Sigmoid(x)); }
};

struct GeluOf {
  HWY_INLINE Vec operator()(Vec x) const {
    const Vec bounded = Clamp(x, -20, 20);
    return hn::Mul(NotBelowVanishing(x), NormalBelow(bounded, NormalExp(hn::Abs(bounded))));
  }
};

struct GeluByTanhOf {
  HWY_INLINE Vec operator()(Vec x) const {
    const Vec bounded = Clamp(x, -200, 200);
    const Vec cubic = hn::Mul(hn::Mul(bounded, bounded), hn::Mul(bounded, Value(0.044715)));
    const Vec u = hn::Mul(hn::Add(bounded, cubic), Value(2 * std::sqrt(2 * std::numbers::inv_pi)));
    return hn::Mul(NotBelowVanishing(x), Sigmoid(u));
  }
};

struct MishOf {
  HWY_INLINE Vec operator()(Vec x) const {
    const auto negative = hn::Lt(x, hn::Zero(kFloats));
    const Vec e = Exp(hn::Neg(hn::Abs(x)));
    const Vec two = Value(2);
    const Vec above = hn::IfThenElse(negative, hn::Mul(e, hn::Add(e, two)), hn::MulAdd(two, e, Value(1)));
    const Vec rest = hn::IfThenElse(negative, two, hn::Mul(two, hn::Mul(e, e)));
    return hn::Mul(NotBelowVanishing(x), hn::Div(above, hn::Add(above, rest)));
  }
};

struct ExponentialOf {
  HWY_INLINE Vec operator()(Vec x) const { return Exp(x); }
};

struct HardSwishOf {
  HWY_INLINE Vec operator()(Vec x) const {
    return hn::Mul(NotBelowVanishing(x), hn::Div(Clamp(hn::Add(x, Value(3)), 0, 6), Value(6)));
  }
};

struct ThresholdedReluOf {
  float alpha;
  HWY_INLINE Vec operator()(Vec x) const { return hn::IfThenElseZero(hn::Gt(x, hn::Set(kFloats, alpha)), x); }
};

struct CeluOf {
  float alpha;
  HWY_INLINE Vec operator()(Vec x) const {
    const Vec scale = hn::Set(kFloats, alpha);
    const Vec below = hn::Mul(Expm1OfNegative(hn::Div(x, scale)), scale);
    return hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), below, x);
  }
};

// output[i] = f(input[i]). The last values go through a whole vector too, so that a value's place never shows in its
// bits; so does a NaN, so that no f need think of one.
template <class F>
void Map(const F& f, const float* input, float* output, int64_t count) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const auto apply = [&f](Vec x) HWY_ATTR { return hn::IfThenElse(hn::IsNaN(x), x, f(x)); };
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(apply(hn::LoadU(kFloats, input + i)), kFloats, output + i);
  if (i == count) return;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(input + i, input + count, last);
  hn::Store(apply(hn::Load(kFloats, last)), kFloats, last);
  std::copy(last, last + (count - i), output + i);
}

// e^(x - maximum). Infinity - infinity is NaN, and Exp may not see one.
HWY_INLINE Vec ExpOfDifference(Vec x, Vec maximum) {
  const Vec difference = hn::Sub(x, maximum);
  return hn::IfThenElse(hn::IsNaN(difference), difference, Exp(difference));
}

// The largest value of a row, in every lane. `last` gets what does not fill a vector, and after it -infinity.
inline Vec MaximumOfRow(const float* input, int64_t row, float* last) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = row / lanes * lanes;
  std::fill(last, last + lanes, -std::numeric_limits<float>::infinity());
  std::copy(input + whole, input + row, last);
  Vec most = hn::Load(kFloats, last);
  for (int64_t i = 0; i < whole; i += lanes) most = hn::Max(most, hn::LoadU(kFloats, input + i));
  return hn::MaxOfLanes(kFloats, most);
}

// One row of `row` values: its maximum, then e^(x - maximum) and their sum, then the quotients. Missing values at the
// end are -infinity, whose e^ is 0.
inline void Softmax(const float* input, float* output, int64_t row) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = row / lanes * lanes;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)];
  const Vec maximum = MaximumOfRow(input, row, last);

  Vec sums = hn::Zero(kFloats);
  for (int64_t i = 0; i < whole; i += lanes) {
    const Vec e = ExpOfDifference(hn::LoadU(kFloats, input + i), maximum);
    sums = hn::Add(sums, e);
    hn::StoreU(e, kFloats, output + i);
  }
  const Vec e = ExpOfDifference(hn::Load(kFloats, last), maximum);
  const Vec sum = hn::SumOfLanes(kFloats, hn::Add(sums, e));
  for (int64_t i = 0; i < whole; i += lanes) {
    hn::StoreU(hn::Div(hn::LoadU(kFloats, output + i), sum), kFloats, output + i);
  }
  hn::Store(hn::Div(e, sum), kFloats, last);
  std::copy(last, last + (row - whole), output + whole);
}

// As Softmax, but for the last pass: x - maximum less the logarithm of the sum.
inline void LogSoftmax(const float* input, float* output, int64_t row) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = row / lanes * lanes;
  HWY_ALIGN float last[HWY_MAX_BYTES / sizeof(float)];
  const Vec maximum = MaximumOfRow(input, row, last);
  Vec sums = ExpOfDifference(hn::Load(kFloats, last), maximum);
  for (int64_t i = 0; i < whole; i += lanes) {
    sums = hn::Add(sums, ExpOfDifference(hn::LoadU(kFloats, input + i), maximum));
  }
  const Vec logarithm = hn::Set(kFloats, std::log(hn::GetLane(hn::SumOfLanes(kFloats, sums))));
  for (int64_t i = 0; i < whole; i += lanes) {
    hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(kFloats, input + i), maximum), logarithm), kFloats, output + i);
  }
  hn::Store(hn::Sub(hn::Sub(hn::Load(kFloats, last), maximum), logarithm), kFloats, last);
  std::copy(last, last + (row - whole), output + whole);
}

// Arguments as convscope::Activate.
inline void ActivateAll(const Activation& activation, const float* input, float* output, int64_t count, int64_t row) {
  const auto map = [&](const auto& f) { Map(f, input, output, count); };
  switch (activation.kind) {
    case ActivationKind::kLinear:
      if (output != input) std::copy(input, input + count, output);
      return;
    case ActivationKind::kRelu:
      return map(ReluOf{});
    case ActivationKind::kRelu6:
      return map(Relu6Of{});
    case ActivationKind::kLeakyRelu:
      return map(LeakyReluOf{activation.alpha});
    case ActivationKind::kElu:
      return map(EluOf{1, activation.alpha});
    case ActivationKind::kSelu:
      return map(EluOf{kSeluScale, kSeluScale * kSeluAlpha});
    case ActivationKind::kSigmoid:
      return map(SigmoidOf{});
    case ActivationKind::kHardSigmoid:
      return map(HardSigmoidOf{activation.alpha, activation.beta});
    case ActivationKind::kTanh:
      return map(TanhOf{});
    case ActivationKind::kSoftplus:
      return map(SoftplusOf{});
    case ActivationKind::kSoftsign:
      return map(SoftsignOf{});
    case ActivationKind::kSwish:
      return map(SwishOf{});
    case ActivationKind::kGelu:
      return activation.approximate ? map(GeluByTanhOf{}) : map(GeluOf{});
    case ActivationKind::kMish:
      return map(MishOf{});
    case ActivationKind::kExponential:
      return map(ExponentialOf{});
    case ActivationKind::kSoftmax:
      for (int64_t i = 0; i < count; i += row) Softmax(input + i, output + i, row);
      return;
    case ActivationKind::kHardSwish:
      return map(HardSwishOf{});
    case ActivationKind::kThresholdedRelu:
      return map(ThresholdedReluOf{activation.alpha});
    case ActivationKind::kCelu:
      return map(CeluOf{activation.alpha});
    case ActivationKind::kLogSoftmax:
      for (int64_t i = 0; i < count; i += row) LogSoftmax(input + i, output + i, row);
      return;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_ACTIVATION_INL_H_
