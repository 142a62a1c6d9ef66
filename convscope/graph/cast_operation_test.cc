#include "convscope/graph/cast_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <typename To, typename From>
std::vector<To> Cast(const std::vector<From>& x) {
  return ValuesOf<To>(Computed(CastOp{DTypeOf<To>()}, {Share(TensorOf({static_cast<int64_t>(x.size())}, x))})[0]);
}

TEST(CastOperation, CutsFractionsOff) {
  EXPECT_THAT((Cast<int32_t, float>({1.9f, -1.9f, 0})), ElementsAre(1, -1, 0));
  EXPECT_THAT((Cast<uint8_t, double>({1.9, -0.9, 255.9})), ElementsAre(1, 0, 255));
}

TEST(CastOperation, TakesTheNearestIntegerThatThereIs) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT((Cast<int64_t, float>({kInf, -kInf, kNaN, 1e30f})), ElementsAre(kMost, -kMost - 1, 0, kMost));
  EXPECT_THAT((Cast<int8_t, double>({128, -129, 127})), ElementsAre(127, -128, 127));
  EXPECT_THAT((Cast<uint8_t, float>({-3, 256})), ElementsAre(0, 255));
}

TEST(CastOperation, IntegersWrapAround) {
  EXPECT_THAT((Cast<int8_t, int32_t>({200, -3})), ElementsAre(-56, -3));
  EXPECT_THAT((Cast<uint8_t, int64_t>({-1, 257})), ElementsAre(255, 1));
}

TEST(CastOperation, KnowsTruth) {
  EXPECT_THAT((Cast<bool, float>({0, -0.0f, 0.25f, kNaN})), ElementsAre(false, false, true, true));
  EXPECT_THAT((Cast<bool, int64_t>({0, 256})), ElementsAre(false, true));
  EXPECT_THAT((Cast<float, bool>({false, true})), ElementsAre(0, 1));
}

TEST(CastOperation, RoundsFloats) {
  EXPECT_THAT((Cast<float, double>({0.1, 1e300})), ElementsAre(0.1f, kInf));
  EXPECT_THAT((Cast<double, float>({0.1f})), ElementsAre(double{0.1f}));
}

TEST(CastOperation, PassesTheGradientBetweenFloats) {
  ExpectGradientsMatchDifferences(OneOperation(CastOp{DType::kFloat64}, {{{2, 3}}}), "y0");
  const GradientTrace gradients(Model(OneOperation(CastOp{DType::kFloat64}, {{{2}}}), {}),
                                {{"x0", Share(Tensor::Of({2}, {1, 2}))}}, "y0", Share(TensorOf<double>({2}, {3, 4})));
  EXPECT_THAT(ValuesOf<float>(gradients["x0"]), ElementsAre(3, 4));
}

TEST(CastOperation, ExplainsEveryElement) {
  ExpectExplained(CastOp{DType::kInt8}, {Share(Tensor::Of({4}, {1.5f, -300, kNaN, kInf}))});
  ExpectExplained(CastOp{DType::kBool}, {Share(TensorOf<int64_t>({2}, {0, 3}))});
  ExpectExplained(CastOp{DType::kFloat32}, {Share(TensorOf<double>({2}, {0.1, 3}))});
}

}  // namespace
}  // namespace convscope
