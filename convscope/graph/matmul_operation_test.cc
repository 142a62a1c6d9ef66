#include "convscope/graph/matmul_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::vector<std::pair<Shape, Shape>> kShapes = {
    {{3, 4}, {4, 2}},
    {{2, 3, 4}, {4, 2}},
    {{2, 3, 4}, {2, 4, 5}},
    {{3, 4}, {2, 4, 5}},
    {{2, 1, 3, 4}, {3, 4, 2}},
    {{1, 3, 4}, {2, 2, 4, 1}},
    {{2, 3, 1, 4}, {1, 3, 4, 2}},
    {{4}, {4}},
    {{4}, {4, 3}},
    {{3, 4}, {4}},
    {{4}, {2, 4, 3}},
    {{2, 3, 4}, {4}},
    {{2, 3, 4}, {1, 1, 4, 2}},
};

// Straight from the definition: element (batch, m, n) of lists of any rank.
TEST(MatMulOperation, IsTheProductOfRowsAndColumns) {
  const SharedTensor a = Share(Tensor::Of({2, 2}, {1, 2, 3, 4})), row = Share(Tensor::Of({2}, {1, 10}));
  const SharedTensor b = Share(Tensor::Of({2, 2, 1}, {1, 1, 1, -1}));
  const auto of = [](const SharedTensor& x, const SharedTensor& y) { return Computed(MatMulOp{}, {x, y}); };
  EXPECT_THAT(ValuesOf<float>(of(a, a)[0]), ElementsAre(7, 10, 15, 22));
  EXPECT_THAT(ValuesOf<float>(of(row, a)[0]), ElementsAre(31, 42));
  EXPECT_THAT(ValuesOf<float>(of(a, row)[0]), ElementsAre(21, 43));
  EXPECT_THAT(ValuesOf<float>(of(row, row)[0]), ElementsAre(101));
  EXPECT_THAT(ValuesOf<float>(of(a, b)[0]), ElementsAre(3, 7, -1, -1));
  EXPECT_THAT(ValuesOf<float>(of(row, b)[0]), ElementsAre(11, -9));
  EXPECT_EQ(of(row, row)[0].shape(), Shape{});
  EXPECT_EQ(of(a, b)[0].shape(), (Shape{2, 2, 1}));
  EXPECT_EQ(of(row, b)[0].shape(), (Shape{2, 1}));
  for (const auto& [x, y] : kShapes) {
    Random random(1, "matmul");
    // Explain takes its terms by the axes that Reads names, in an order of its own.
    ExpectExplained(MatMulOp{}, {Share(DistinctNoise(x, random)), Share(DistinctNoise(y, random))});
  }
}

TEST(MatMulOperation, HasTheGradientsOfDifferences) {
  for (const auto& [a, b] : kShapes) {
    const Graph graph = OneOperation(MatMulOp{}, {{a}, {b}});
    SCOPED_TRACE(a.ToString() + " " + b.ToString());
    ExpectGradientsMatchDifferences(graph, "y0");
    // Sums of at most 12 products of at most 1.
    ExpectFloatMatchesDouble(graph, "y0", 12 * 4);
  }
  ExpectFloatMatchesDouble(OneOperation(MatMulOp{}, {{{3, 2, 70, 33}}, {{2, 33, 65}}}), "y0", 3 * 70 * 4);
}

TEST(MatMulOperation, AParameterIsPackedOnceAndAFunctionOfItJoins) {
  for (const bool batched : {false, true}) {
    GraphBuilder builder;
    builder.Input("x", {{2, 5, 6}});
    builder.Parameter("w", {batched ? Shape{2, 6, 3} : Shape{6, 3}});
    builder.Add("product", MatMulOp{}, {"x", "w"});
    builder.Add("y", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"product"});
    Random random(1, "matmul");
    const auto noise = [&](const Shape& shape) {
      Tensor tensor(shape);
      for (float& value : tensor.view().span()) value = random.Normal();
      return Share(std::move(tensor));
    };
    const Model model(builder.Build(), {{"w", noise(builder.graph()["w"].type.shape)}});
    const NamedTensors inputs = {{"x", noise({2, 5, 6})}};
    convscope::Run run(model, {"y"});
    EXPECT_EQ(run.StepCount(), 1);
    run(inputs);
    const Trace trace(model, inputs);
    EXPECT_EQ(ValuesOf<float>(run["y"]), ValuesOf<float>(trace["y"]));
  }
}

TEST(MatMulOperation, NaNStaysInItsRow) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Tensor> y =
      Computed(MatMulOp{}, {Share(Tensor::Of({2, 2}, {nan, 1, 1, 1})), Share(Tensor::Of({2, 2}, {0, 1, 1, 1}))});
  for (const int64_t i : {0, 1}) EXPECT_TRUE(std::isnan(y[0].data()[i]));
  for (const int64_t i : {2, 3}) EXPECT_FALSE(std::isnan(y[0].data()[i]));
}

TEST(MatMulOperation, RefusesOtherShapes) {
  const auto infer = [](const Shape& a, const Shape& b) {
    return [=] { OperationPtr(MatMulOp{})->Infer(std::vector<TensorType>{{a}, {b}}); };
  };
  EXPECT_THAT(infer({2, 3}, {2, 3}), ThrowsMessage<Error>(HasSubstr("(2, 3) and (2, 3)")));
  EXPECT_THAT(infer({}, {2, 3}), ThrowsMessage<Error>(HasSubstr("rows and columns")));
  EXPECT_THAT(infer({2, 3}, {3, 0}), ThrowsMessage<Error>(HasSubstr("length 0")));
  EXPECT_THAT(infer({2, 4, 3}, {3, 3, 2}), ThrowsMessage<Error>(HasSubstr("(2,) and (3,)")));
}

}  // namespace
}  // namespace convscope
