// Scale, Normalization, LayerNormalization, LocalResponseNormalization and PRelu; batch normalization has a file of its
// own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/normalization_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/scale_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Of(const OperationPtr& operation, const std::vector<Shape>& shapes) {
  GraphBuilder builder;
  std::vector<std::string> names;
  for (const Shape& shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    builder.Input(names.back(), {shape});
  }
  builder.Add("y", operation, names);
  return builder.Build();
}

std::vector<float> Values(const OperationPtr& operation, std::vector<Tensor> inputs) {
  std::vector<Shape> shapes;
  NamedTensors given;
  for (Tensor& input : inputs) {
    shapes.push_back(input.shape());
    given["x" + std::to_string(given.size())] = Share(std::move(input));
  }
  const Trace trace(Model(Of(operation, shapes), {}), given);
  const auto values = trace["y"].view().span();
  return {values.begin(), values.end()};
}

template <typename... Tensors>
std::vector<float> Values(const OperationPtr& operation, Tensors... inputs) {
  std::vector<Tensor> list;
  (list.push_back(std::move(inputs)), ...);
  return Values(operation, std::move(list));
}

void ExpectNear(const std::vector<float>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 4e-7 * std::max(1.0, std::abs(want[i]))) << i;
}

void ExpectRefused(const OperationPtr& operation, const std::vector<Shape>& shapes, const char* text) {
  EXPECT_THAT([&] { Of(operation, shapes); }, ThrowsMessage<Error>(HasSubstr(text)));
}

TEST(ScaleOperation, IsLinear) {
  EXPECT_THAT(Values(ScaleOp{.scale = 0.5, .offset = -1}, Tensor::Of({3}, {0, 2, 5})), ElementsAre(-1, 0, 1.5f));
  const OperationPtr scale = ScaleOp{.scale = -3, .offset = 2};
  ExpectGradientsMatchDifferences(Of(scale, {{2, 3}}), "y");
  ExpectFloatMatchesDouble(Of(scale, {{2, 3}}), "y", 4);
  const TensorType type{{2}};
  float values[] = {1, 2};
  scale->AsEpilogue({&type, 1}, 0)(values, 0, 2, {});
  EXPECT_THAT(values, ElementsAre(-1, -4));
}

TEST(NormalizationOperation, TakesOffTheMeanAndDividesByTheDeviation) {
  ExpectNear(Values(NormalizationOp{.epsilon = 0.5}, Tensor::Of({2, 2}, {3, 1, 5, 2}), Tensor::Of({2}, {1, 1}),
                    Tensor::Of({2}, {4, 0.01f})),
             {1, 0, 2, 2});
}

TEST(NormalizationOperation, HasTheGradientsOfDifferences) {
  const Graph graph = Of(NormalizationOp{.epsilon = 0.6}, {{3, 2, 4}, {4}, {4}});
  // Deviations of 0.5 to 1.2, some below epsilon.
  ExpectGradientsMatchDifferences(graph, "y", {}, 0.25, 1.5);
  // Factors up to 1.7^3, some ten roundings.
  ExpectFloatMatchesDouble(graph, "y", 64, {}, 0.25f, 1.5f);
}

TEST(NormalizationOperation, RefusesOtherShapes) {
  ExpectRefused(NormalizationOp{}, {{3, 2}, {3}, {2}}, "each parameter is (2,)");
  ExpectRefused(NormalizationOp{.epsilon = 0}, {{3, 2}, {2}, {2}}, "epsilon is above 0");
}

// The example of Keras' documentation: rows of [0, 10], [20, 30], ... become -1 and 1 but for epsilon.
TEST(LayerNormalizationOperation, NormalizesEachRow) {
  const double one = 5 / std::sqrt(25 + 1e-3);
  ExpectNear(Values(LayerNormalizationOp{.center = false, .scale = false}, Tensor::Of({2, 2}, {0, 10, 20, 30})),
             {-one, one, -one, one});
  // All of a sample at once, with gamma and beta: 0, 0, 0, 4 has mean 1 and variance 3.
  ExpectNear(Values(LayerNormalizationOp{.axis = 1, .epsilon = 1}, Tensor::Of({1, 2, 2}, {0, 0, 0, 4}),
                    Tensor::Of({2, 2}, {1, 2, 3, 4}), Tensor::Of({2, 2}, {0, 0, 1, 1})),
             {-0.5, -1, -0.5, 7});
}

TEST(LayerNormalizationOperation, HasTheGradientsOfDifferences) {
  for (const int64_t axis : {-1, 1, 0}) {
    for (const bool scale : {false, true}) {
      for (const bool center : {false, true}) {
        const LayerNormalizationOp op{.axis = axis, .center = center, .scale = scale};
        std::vector<Shape> shapes = {{4, 3, 5}};
        const std::vector<int64_t> lengths = {4, 3, 5};
        const Shape parameter(std::span<const int64_t>(lengths).subspan(axis < 0 ? 2 : axis));
        if (scale) shapes.push_back(parameter);
        if (center) shapes.push_back(parameter);
        ExpectGradientsMatchDifferences(Of(op, shapes), "y");
        // The variance of five such numbers is above 1/30: ten roundings of numbers up to 6, sums in double.
        ExpectFloatMatchesDouble(Of(op, shapes), "y", 256);
      }
    }
  }
  ExpectFloatMatchesDouble(Of(LayerNormalizationOp{}, {{40, 30, 64}, {64}, {64}}), "y", 256);
}

TEST(LayerNormalizationOperation, RefusesOtherShapes) {
  ExpectRefused(LayerNormalizationOp{}, {{3, 2}, {3}, {2}}, "each parameter is (2,)");
  ExpectRefused(LayerNormalizationOp{.axis = 2}, {{3, 2}, {2}, {2}}, "-2 to 1");
  ExpectRefused(LayerNormalizationOp{.center = false}, {{3, 2}, {2}, {2}}, "2 inputs");
}

// ONNX' formula by hand: size 2 sees the channel and the next one, size 3 also the one before.
TEST(LocalResponseNormalizationOperation, DividesByItsNeighbours) {
  using Op = LocalResponseNormalizationOp;
  ExpectNear(Values(Op{.size = 3, .alpha = 3, .beta = 0.75, .bias = 2}, Tensor::Of({1, 3}, {1, 2, 3})),
             {1 / std::pow(7, 0.75), 2 / std::pow(16, 0.75), 3 / std::pow(15, 0.75)});
  ExpectNear(Values(Op{.size = 2, .alpha = 4, .beta = 0.5}, Tensor::Of({1, 3}, {1, 2, 0})),
             {1 / std::sqrt(11), 2 / 3.0, 0});
}

TEST(LocalResponseNormalizationOperation, HasTheGradientsOfDifferences) {
  using Op = LocalResponseNormalizationOp;
  for (const Op& op :
       {Op{.alpha = 1}, Op{.size = 2, .alpha = 2, .beta = 0.6, .bias = 0.5}, Op{.size = 30, .alpha = 9}}) {
    const Graph graph = Of(op, {{2, 3, 7}});
    ExpectGradientsMatchDifferences(graph, "y");
    ExpectFloatMatchesDouble(graph, "y", 128);  // sums of 7 terms and powers, of values near 1
  }
}

TEST(LocalResponseNormalizationOperation, RefusesWhatCouldDivideByZero) {
  using Op = LocalResponseNormalizationOp;
  ExpectRefused(Op{.size = 0}, {{2, 3}}, "at least 1 channel");
  ExpectRefused(Op{.bias = 0}, {{2, 3}}, "bias is above 0");
  ExpectRefused(Op{.alpha = -1}, {{2, 3}}, "alpha -1");
}

TEST(PReluOperation, HasASlopeOfItsOwnBelowZero) {
  EXPECT_THAT(Values(PReluOp{}, Tensor::Of({1, 2, 2}, {-1, 1, -4, -4}), Tensor::Of({1, 2}, {0.5f, 0.25f})),
              ElementsAre(-0.5f, 1, -2, -1));
}

TEST(PReluOperation, HasTheGradientsOfDifferences) {
  for (const Shape& alpha : {Shape{3, 2, 4}, Shape{1, 1, 4}, Shape{3, 1, 1}, Shape{1, 1, 1}, Shape{1, 1, 2, 1}}) {
    const Graph graph = Of(PReluOp{}, {{2, 3, 2, 4}, alpha});
    ExpectGradientsMatchDifferences(graph, "y");
    ExpectFloatMatchesDouble(graph, "y", 4);
  }
}

TEST(PReluOperation, RefusesOtherShapes) {
  ExpectRefused(PReluOp{}, {{2, 3, 4}, {3, 5}}, "(3, 5)");
  ExpectRefused(PReluOp{}, {{2, 3, 4}, {4}}, "(4,)");
  ExpectRefused(PReluOp{}, {{2, 1, 4}, {3, 4}}, "(3, 4)");
}

}  // namespace
}  // namespace convscope
