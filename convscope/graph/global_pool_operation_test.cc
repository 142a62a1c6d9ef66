#include "convscope/graph/global_pool_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Pooled(const GlobalPoolOp& op, const Shape& x) {
  GraphBuilder builder;
  builder.Input("x", {x});
  builder.Add("y", op, {"x"});
  return builder.Build();
}

TEST(GlobalPoolOperation, TakesTheMeanOrTheMaximumOfEachChannel) {
  const SharedTensor x = Share(Tensor::Of({1, 2, 2, 2}, {1, -1, 2, -2, 3, -3, 6, -6}));
  const Trace mean(Model(Pooled({}, {1, 2, 2, 2}), {}), {{"x", x}});
  EXPECT_THAT(mean["y"].view().span(), ElementsAre(3, -3));
  EXPECT_EQ(mean["y"].shape(), (Shape{1, 2}));
  const Trace maximum(Model(Pooled({.kind = PoolKind::kMax, .keep_axes = true}, {1, 2, 2, 2}), {}), {{"x", x}});
  EXPECT_THAT(maximum["y"].view().span(), ElementsAre(6, -1));
  EXPECT_EQ(maximum["y"].shape(), (Shape{1, 1, 1, 2}));
}

TEST(GlobalPoolOperation, SharesTheGradientAmongEqualMaxima) {
  const Graph graph = Pooled({.kind = PoolKind::kMax}, {1, 3, 1});
  const GradientTrace gradients(Model(graph, {}), {{"x", Share(Tensor::Of({1, 3, 1}, {2, 1, 2}))}}, "y",
                                Share(Tensor::Of({1, 1}, {4})));
  EXPECT_THAT(gradients["x"].view().span(), ElementsAre(2, 0, 2));
}

TEST(GlobalPoolOperation, LetsANaNThrough) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const PoolKind kind : {PoolKind::kAverage, PoolKind::kMax}) {
    const GradientTrace gradients(Model(Pooled({.kind = kind}, {1, 3, 2}), {}),
                                  {{"x", Share(Tensor::Of({1, 3, 2}, {1, 1, nan, 2, 5, 3}))}}, "y",
                                  Share(Tensor::Of({1, 2}, {1, 1})));
    EXPECT_TRUE(std::isnan(gradients.trace()["y"].data()[0]));
    EXPECT_FALSE(std::isnan(gradients.trace()["y"].data()[1]));
    EXPECT_EQ(std::isnan(gradients["x"].data()[4]), kind == PoolKind::kMax);
  }
}

TEST(GlobalPoolOperation, HasTheGradientsOfDifferences) {
  for (const PoolKind kind : {PoolKind::kAverage, PoolKind::kMax}) {
    for (const Shape& shape : {Shape{2, 5, 3}, Shape{2, 3, 2, 4}, Shape{1, 2, 2, 3, 2}}) {
      for (const bool keep : {false, true}) {
        ExpectGradientsMatchDifferences(Pooled({.kind = kind, .keep_axes = keep}, shape), "y");
      }
    }
    // Above 2^15 values a sample is cut into pieces.
    ExpectFloatMatchesDouble(Pooled({.kind = kind}, {2, 70, 90, 17}), "y", 4);
  }
}

TEST(GlobalPoolOperation, RefusesWhatHasNoPixels) {
  EXPECT_THAT([] { Pooled({}, {2, 3}); }, ThrowsMessage<Error>(HasSubstr("(N, spatial..., C)")));
  EXPECT_THAT([] { Pooled({}, {2, 0, 3}); }, ThrowsMessage<Error>(HasSubstr("(2, 0, 3)")));
}

}  // namespace
}  // namespace convscope
