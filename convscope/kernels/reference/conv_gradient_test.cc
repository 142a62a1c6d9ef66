#include "convscope/kernels/reference/conv_gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "convscope/kernels/internal/random_convolutions.h"
#include "convscope/kernels/reference/conv.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using Values = std::vector<double>;

Values Draw(int64_t count, const char* purpose, uint64_t sample) {
  const std::vector<float> values = RandomValues(count, purpose, sample);
  return Values(values.begin(), values.end());
}

Values Convolved(const ConvSpec& spec, const Values& x, const Values& kernel, const Values& bias) {
  Values y(static_cast<size_t>(spec.OutputShape().NumElements()));
  reference::Conv(spec, x.data(), kernel.data(), bias.empty() ? nullptr : bias.data(), y.data());
  return y;
}

double Dot(const Values& a, const Values& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Values Absolute(Values values) {
  for (double& value : values) value = std::abs(value);
  return values;
}

// Two orders of one sum of products: off by at most a rounding a term of the sum of their absolute values. Every window
// has fewer than 2^20 terms here.
TEST(ConvGradient, IsTheAdjointOfTheConvolution) {
  for (uint64_t sample = 0; sample < 100; ++sample) {
    const ConvSpec spec = RandomSpec(sample);
    SCOPED_TRACE(Describe(spec));
    const Values x = Draw(spec.InputShape().NumElements(), "x", sample);
    const Values kernel = Draw(spec.KernelShape().NumElements(), "kernel", sample);
    const Values bias = Draw(spec.filters, "bias", sample);
    const Values dy = Draw(spec.OutputShape().NumElements(), "dy", sample);
    Values dx(x.size(), 1e300), dkernel(kernel.size(), 1e300), dbias(bias.size(), 1e300);
    reference::ConvInputGradient(spec, dy.data(), kernel.data(), dx.data());
    reference::ConvKernelGradient(spec, x.data(), dy.data(), dkernel.data(), dbias.data());
    const double product = Dot(Convolved(spec, x, kernel, {}), dy);
    const double tolerance = 0x1p20 * 0x1p-53 * Dot(Convolved(spec, Absolute(x), Absolute(kernel), {}), Absolute(dy));
    EXPECT_NEAR(Dot(dx, x), product, tolerance);
    EXPECT_NEAR(Dot(dkernel, kernel), product, tolerance);
    EXPECT_NEAR(Dot(dbias, bias), Dot(Convolved(spec, x, kernel, bias), dy) - product, 2 * tolerance + 1e-9);
  }
}

// A step in one value alone. The function is linear, so a central difference has no error but rounding, whatever its
// step: here 1/2 to either side.
TEST(ConvGradient, EqualsFiniteDifferencesValueByValue) {
  for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
    for (const bool flip : {false, true}) {
      ConvSpec spec{.batch = 2, .channels = 4, .filters = 6, .groups = 2, .pad_mode = mode, .flip_kernel = flip};
      spec.axes[1] = MakeWindowAxis(5, 3, 2, 1, Padding::Explicit(2, 1), mode);
      spec.axes[2] = MakeWindowAxis(6, 2, 1, 2, Padding::Explicit(1, 3), mode);
      SCOPED_TRACE(Describe(spec));
      Values x = Draw(spec.InputShape().NumElements(), "x", 0);
      Values kernel = Draw(spec.KernelShape().NumElements(), "kernel", 0);
      const Values dy = Draw(spec.OutputShape().NumElements(), "dy", 0);
      Values dx(x.size()), dkernel(kernel.size());
      reference::ConvInputGradient(spec, dy.data(), kernel.data(), dx.data());
      reference::ConvKernelGradient<double>(spec, x.data(), dy.data(), dkernel.data(), nullptr);
      const auto difference = [&](double& value) {
        const double here = value;
        value = here + 0.5;
        const double above = Dot(Convolved(spec, x, kernel, {}), dy);
        value = here - 0.5;
        const double below = Dot(Convolved(spec, x, kernel, {}), dy);
        value = here;
        return above - below;
      };
      for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(dx[i], difference(x[i]), 1e-10) << "input " << i;
      for (size_t i = 0; i < kernel.size(); ++i)
        ASSERT_NEAR(dkernel[i], difference(kernel[i]), 1e-10) << "kernel " << i;
    }
  }
}

// Three pixels under a kernel of three, padded by the border pixel: what falls on the padding goes to the border.
TEST(ConvGradient, PaddingThatRepeatsAPixelReturnsItsGradient) {
  ConvSpec spec{.rank = 1, .pad_mode = PadMode::kEdge};
  spec.axes[2] = MakeWindowAxis(3, 3, 1, 1, Padding::Same(), PadMode::kEdge);
  const Values kernel = {1, 10, 100}, dy = {1, 2, 3};
  Values dx(3);
  reference::ConvInputGradient(spec, dy.data(), kernel.data(), dx.data());
  EXPECT_THAT(dx, ElementsAre(10 + 1 + 2, 100 + 20 + 3, 200 + 30 + 300));
}

}  // namespace
}  // namespace convscope
