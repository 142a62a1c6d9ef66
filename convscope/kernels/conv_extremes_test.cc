// Convolutions at the ends of what is allowed: flat inputs whose sums drift, strides beyond the picture, huge values.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/kernels/conv.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

ConvSpec Square(int64_t side, int64_t channels, int64_t filters, int64_t groups, int64_t kernel) {
  ConvSpec spec{.channels = channels, .filters = filters, .groups = groups};
  for (int axis : {1, 2}) {
    spec.axes[axis] = MakeWindowAxis(side, kernel, 1, 1, Padding::Valid(), spec.pad_mode);
  }
  return spec;
}

// The largest error over the sum of absolute products, all of which are positive here.
double WorstOnFlatInput(const ConvSpec& spec, float pixel, const std::vector<float>& kernel) {
  const std::vector<float> input(static_cast<size_t>(spec.InputShape().NumElements()), pixel);
  Tensor output(spec.OutputShape());
  Convolution(spec, kernel.data(), nullptr)(input.data(), output.data());
  const std::vector<double> wide_input(input.begin(), input.end()), wide_kernel(kernel.begin(), kernel.end());
  std::vector<double> truth(static_cast<size_t>(output.size()));
  reference::Conv<double>(spec, wide_input.data(), wide_kernel.data(), nullptr, truth.data());
  double worst = 0;
  for (int64_t i = 0; i < output.size(); ++i) {
    const double expected = truth[static_cast<size_t>(i)];
    worst = std::max(worst, std::abs(static_cast<double>(output.data()[i]) - expected) / expected);
  }
  return worst;
}

TEST(ConvolutionExtremes, LongSumsOnFlatInputStayWithinTheBound) {
  ForEachTarget([](const char*) {
    // Not separable, so that every product is summed: 0.1 everywhere but in the middle.
    const ConvSpec disc = Square(70, 1, 1, 1, 51);
    std::vector<float> uneven(51 * 51, 0.1f);
    uneven[25 * 51 + 25] = 0.3f;
    EXPECT_LE(WorstOnFlatInput(disc, 0.7f, uneven), 1e-5);

    const ConvSpec layer = Square(9, 600, 16, 1, 3);
    EXPECT_LE(WorstOnFlatInput(layer, 0.7f, std::vector<float>(3 * 3 * 600 * 16, 0.1f)), 1e-5);

    const ConvSpec depthwise = Square(40, 5, 5, 5, 21);
    std::vector<float> apart(21 * 21 * 5);
    for (size_t i = 0; i < apart.size(); ++i) apart[i] = 0.1f + 0.01f * static_cast<float>(i % 5);
    EXPECT_LE(WorstOnFlatInput(depthwise, 0.7f, apart), 1e-5);
  });
}

TEST(ConvolutionExtremes, AStrideBeyondThePictureGivesOneColumn) {
  for (const int64_t stride : {int64_t{40}, int64_t{5'000'000}, int64_t{1} << 31}) {
    ConvSpec spec{};
    spec.axes[1] = MakeWindowAxis(12, 3, 1, 1, Padding::Valid(), spec.pad_mode);
    spec.axes[2] = MakeWindowAxis(30, 3, stride, 1, Padding::Explicit(1, 1), spec.pad_mode);
    std::vector<float> input(12 * 30), kernel = {1, 2, 3, 4, 5, 6, 7, 8, 10};
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 11);
    Tensor output(spec.OutputShape()), truth(spec.OutputShape());
    ASSERT_EQ(output.shape(), Shape({1, 10, 1, 1}));
    Convolution(spec, kernel.data(), nullptr)(input.data(), output.data());
    reference::Conv<float>(spec, input.data(), kernel.data(), nullptr, truth.data());
    for (int64_t i = 0; i < output.size(); ++i) EXPECT_EQ(output.data()[i], truth.data()[i]);
  }
}

TEST(ConvolutionExtremes, TwoPassesOverflowNoSoonerThanOne) {
  const ConvSpec spec = Square(20, 1, 1, 1, 7);
  const std::vector<float> input(20 * 20, 1e38f), box(49, 1.0f / 49);
  const Convolution convolution(spec, box.data(), nullptr);
  ASSERT_EQ(convolution.path(), ConvPath::kSeparable);
  Tensor output(spec.OutputShape());
  convolution(input.data(), output.data());
  for (const float value : output.view().span()) EXPECT_NEAR(value / 1e38f, 1, 1e-5);
}

}  // namespace
}  // namespace convscope
