#include "convscope/graph/upsample_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Larger(const UpSampleOp& op, const Shape& x) {
  GraphBuilder builder;
  builder.Input("x", {x});
  builder.Add("y", op, {"x"});
  return builder.Build();
}

std::vector<float> Of(const UpSampleOp& op, Tensor x) {
  const Graph graph = Larger(op, x.shape());
  const Trace trace(Model(graph, {}), {{"x", Share(std::move(x))}});
  const auto values = trace["y"].view().span();
  return {values.begin(), values.end()};
}

constexpr auto kBilinear = UpSampleOp::Interpolation::kBilinear;

TEST(UpSampleOperation, RepeatsPixels) {
  EXPECT_THAT(Of({.sizes = {2, 3}}, Tensor::Of({1, 1, 2, 2}, {1, -1, 2, -2})),
              ElementsAre(1, -1, 1, -1, 1, -1, 2, -2, 2, -2, 2, -2, 1, -1, 1, -1, 1, -1, 2, -2, 2, -2, 2, -2));
}

// tf.image.resize, or torch.nn.functional.interpolate with align_corners=False, of [0, 8]: places -1/4, 1/4, 3/4, 5/4.
TEST(UpSampleOperation, WeighsByTheDistanceOfCentres) {
  EXPECT_THAT(Of({.interpolation = kBilinear}, Tensor::Of({1, 2, 1}, {0, 8})), ElementsAre(0, 2, 6, 8));
  EXPECT_THAT(Of({.sizes = {3}, .interpolation = kBilinear}, Tensor::Of({1, 2, 1}, {0, 9})),
              ElementsAre(0, 0, ::testing::FloatNear(3, 1e-6f), ::testing::FloatNear(6, 1e-6f), 9, 9));
  EXPECT_THAT(Of({.interpolation = kBilinear}, Tensor::Of({1, 2, 2, 1}, {0, 16, 32, 48})),
              ElementsAre(0, 4, 12, 16, 8, 12, 20, 24, 24, 28, 36, 40, 32, 36, 44, 48));
}

TEST(UpSampleOperation, HasTheGradientsOfDifferences) {
  for (const auto interpolation : {UpSampleOp::Interpolation::kNearest, kBilinear}) {
    for (const Shape& shape : {Shape{2, 3, 2}, Shape{2, 3, 2, 2}, Shape{1, 2, 3, 2, 1}}) {
      const Graph graph = Larger({.sizes = {3}, .interpolation = interpolation}, shape);
      ExpectGradientsMatchDifferences(graph, "y");
      // Up to 27 terms in the gradient of the nearest, 5^3 in that of the linear, with rounded weights.
      ExpectFloatMatchesDouble(graph, "y", 130);
    }
  }
  ExpectGradientsMatchDifferences(Larger({.sizes = {1, 4}, .interpolation = kBilinear}, {1, 2, 3, 2}), "y");
}

TEST(UpSampleOperation, RefusesSizesThatDoNotFit) {
  EXPECT_THAT([] { Larger({.sizes = {2, 2, 2}}, {1, 2, 2, 1}); }, ThrowsMessage<Error>(HasSubstr("2 spatial axes")));
  EXPECT_THAT([] { Larger({.sizes = {0}}, {1, 2, 2, 1}); }, ThrowsMessage<Error>(HasSubstr("[0]")));
}

}  // namespace
}  // namespace convscope
