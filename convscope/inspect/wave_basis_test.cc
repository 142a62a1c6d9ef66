#include "convscope/inspect/wave_basis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "convscope/base/random.h"
#include "convscope/inspect/picture_movement.h"

namespace convscope {
namespace {

Tensor Noise(Shape shape, const char* purpose) {
  Tensor tensor(shape);
  Random random(1, purpose);
  for (float& value : tensor.view().span()) value = random.Normal();
  return tensor;
}

double Dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
  return sum;
}

TEST(WaveBasis, DecomposeIsTheInverseOfCompose) {
  const Shape shape{7, 10, 3};
  const WaveBasis basis(7, 10);
  const Tensor amplitudes = Noise(shape, "amplitudes");
  Tensor picture(shape), again(shape);
  basis.Compose(amplitudes.view(), picture.view());
  basis.Decompose(std::as_const(picture).view(), again.view());
  for (int64_t i = 0; i < again.size(); ++i) EXPECT_NEAR(again.data()[i], amplitudes.data()[i], 1e-4);
}

TEST(WaveBasis, GradientIsTheTransposeOfCompose) {
  const Shape shape{6, 9, 1};
  const WaveBasis basis(6, 9);
  const Tensor amplitudes = Noise(shape, "amplitudes"), slope = Noise(shape, "slope");
  Tensor picture(shape), gradient(shape);
  basis.Compose(amplitudes.view(), picture.view());
  basis.Gradient(slope.view(), gradient.view());
  EXPECT_NEAR(Dot(picture, slope), Dot(amplitudes, gradient),
              1e-4 * std::sqrt(Dot(picture, picture) * Dot(slope, slope)));
}

TEST(WaveBasis, OneAmplitudeIsOneWaveAndCoarseOnesAreLouder) {
  const WaveBasis basis(8, 8);
  // Of row 0: waves from left to right. Wave 6 is as fast as wave 2, and none is slower than one a picture.
  for (const auto& [wave, a_picture] : {std::pair(0, 1), {1, 1}, {2, 2}, {6, 2}}) {
    Tensor amplitudes = Tensor::Zeros({8, 8, 1}), picture({8, 8, 1});
    amplitudes.data()[wave] = 1;
    basis.Compose(std::as_const(amplitudes).view(), picture.view());
    for (int64_t i = 0; i < 64; ++i) {
      const double angle = 2 * std::numbers::pi * wave * static_cast<double>(i % 8) / 8;
      EXPECT_NEAR(picture.data()[i], (std::cos(angle) + std::sin(angle)) / 8 / (4 * a_picture / 8.0), 1e-6);
    }
  }
}

TEST(PictureMovement, OfWholePixelsCarriesThemAroundTheBorder) {
  Tensor picture({2, 3, 1}), moved({2, 3, 1});
  for (int64_t i = 0; i < 6; ++i) picture.data()[i] = static_cast<float>(i);
  PictureMovement(2, 3, 0, 1, 1).Move(std::as_const(picture).view(), moved.view());
  const float expected[] = {2, 0, 1, 5, 3, 4};
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(moved.data()[i], expected[i]);
}

TEST(PictureMovement, GradientIsTheTransposeOfMove) {
  const Shape shape{9, 8, 3};
  const PictureMovement movement(9, 8, 2, -1, 1.07);
  const Tensor picture = Noise(shape, "picture"), slope = Noise(shape, "slope");
  Tensor moved(shape), gradient(shape);
  movement.Move(picture.view(), moved.view());
  movement.Gradient(slope.view(), gradient.view());
  EXPECT_NEAR(Dot(moved, slope), Dot(picture, gradient), 1e-3);
}

}  // namespace
}  // namespace convscope
