#include "convscope/graph/clip_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::ThrowsMessage;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <typename T>
std::vector<T> Clipped(const ClipOp& op, const std::vector<T>& x) {
  return ValuesOf<T>(Computed(op, {Share(TensorOf({static_cast<int64_t>(x.size())}, x))})[0]);
}

TEST(ClipOperation, HoldsValuesBetweenItsBounds) {
  EXPECT_THAT(Clipped<float>({.low = -1, .high = 2}, {-kInf, -3, -1, 0.5f, 2, 7, kInf, kNaN}),
              ElementsAre(-1, -1, -1, 0.5f, 2, 2, 2, IsNan()));
  EXPECT_THAT(Clipped<float>({.low = 0}, {-3, kInf}), ElementsAre(0, kInf));
  EXPECT_THAT(Clipped<float>({}, {-kInf, 3}), ElementsAre(-kInf, 3));
  EXPECT_THAT(Clipped<float>({.low = 3, .high = 1}, {0, 2, 4}), ElementsAre(1, 1, 1));
}

TEST(ClipOperation, HoldsIntegers) {
  EXPECT_THAT(Clipped<int32_t>({.low = -1.5, .high = 2.5}, {-9, -1, 0, 3}), ElementsAre(-1, -1, 0, 2));
  EXPECT_THAT(Clipped<uint8_t>({.low = -4, .high = 300}, {0, 255}), ElementsAre(0, 255));
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Clipped<int64_t>({}, {kMost, -kMost - 1}), ElementsAre(kMost, -kMost - 1));
}

TEST(ClipOperation, HasTheGradientsOfDifferences) {
  ExpectGradientsMatchDifferences(OneOperation(ClipOp{.low = -0.5, .high = 0.25}, {{{4, 5}}}), "y0");
}

std::vector<float> Back(GradientRule rule) {
  const GradientTrace gradients(Model(OneOperation(ClipOp{.low = 0, .high = 6}, {{{6}}}), {}),
                                {{"x0", Share(Tensor::Of({6}, {-1, -1, 2, 2, 8, 8}))}}, "y0",
                                Share(Tensor::Of({6}, {-3, 3, -3, 3, -3, 3})), rule);
  return ValuesOf<float>(gradients["x0"]);
}

TEST(ClipOperation, BelowZeroItIsARectifier) {
  EXPECT_THAT(Back(GradientRule::kTrue), ElementsAre(0, 0, -3, 3, 0, 0));
  EXPECT_THAT(Back(GradientRule::kGuided), ElementsAre(0, 0, 0, 3, 0, 0));
  EXPECT_THAT(Back(GradientRule::kDeconvolution), ElementsAre(0, 3, 0, 3, 0, 3));
}

TEST(ClipOperation, JoinsTheOperationBeforeIt) {
  GraphBuilder builder;
  builder.Input("x", {{2, 3}});
  builder.Input("kernel", {{3, 2}});
  builder.Add("dense", DenseOp{}, {"x", "kernel"});
  builder.Add("y", ClipOp{.low = 0, .high = 20}, {"dense"});
  convscope::Run run(Model(builder.Build(), {}), {"y"});
  EXPECT_EQ(run.StepCount(), 1);
  run({{"x", Share(Tensor::Of({2, 3}, {1, 2, 3, -1, -2, -3}))},
       {"kernel", Share(Tensor::Of({3, 2}, {1, 4, 1, 4, 1, 4}))}});
  EXPECT_THAT(ValuesOf<float>(run["y"]), ElementsAre(6, 20, 0, 0));
}

TEST(ClipOperation, ExplainsEveryElement) {
  ExpectExplained(ClipOp{.low = -1, .high = 2}, {Share(Tensor::Of({5}, {-3, 0, 7, kNaN, kInf}))});
  ExpectExplained(ClipOp{.low = -1, .high = 2}, {Share(TensorOf<int8_t>({3}, {-3, 0, 7}))});
}

TEST(ClipOperation, RefusesBoundsThatAreNoNumbers) {
  EXPECT_THAT([] { OperationPtr(ClipOp{.low = std::nan("")})->Infer(std::vector<TensorType>{{{2}}}); },
              ThrowsMessage<Error>(HasSubstr("bounds")));
  EXPECT_THAT(
      [] {
        OperationPtr(ClipOp{})->Infer(std::vector<TensorType>{{{2}, DType::kBool}});
      },
      ThrowsMessage<Error>(HasSubstr("(2,) bool")));
}

}  // namespace
}  // namespace convscope
