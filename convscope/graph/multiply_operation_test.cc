#include "convscope/graph/multiply_operation.h"

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

Graph ProductOf(const std::vector<Shape>& shapes) {
  GraphBuilder builder;
  std::vector<std::string> names;
  for (const Shape& shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    builder.Input(names.back(), {shape});
  }
  builder.Add("y", MultiplyOp{}, names);
  return builder.Build();
}

TEST(MultiplyOperation, RepeatsAxesOfLengthOne) {
  const Trace trace(Model(ProductOf({{2, 2}, {2, 1}, {2}}), {}), {{"x0", Share(Tensor::Of({2, 2}, {1, 2, 3, 4}))},
                                                                  {"x1", Share(Tensor::Of({2, 1}, {10, 100}))},
                                                                  {"x2", Share(Tensor::Of({2}, {1, -1}))}});
  EXPECT_THAT(trace["y"].view().span(), ElementsAre(10, -20, 300, -400));
}

TEST(MultiplyOperation, SumsTheGradientOfWhatIsRepeated) {
  const GradientTrace gradients(
      Model(ProductOf({{1, 2, 2}, {1, 1, 2}}), {}),
      {{"x0", Share(Tensor::Of({1, 2, 2}, {1, 2, 3, 4}))}, {"x1", Share(Tensor::Of({1, 1, 2}, {5, 6}))}}, "y",
      Share(Tensor::Of({1, 2, 2}, {1, 1, 10, 10})));
  EXPECT_THAT(gradients["x0"].view().span(), ElementsAre(5, 6, 50, 60));
  EXPECT_THAT(gradients["x1"].view().span(), ElementsAre(31, 42));
}

TEST(MultiplyOperation, HasTheGradientsOfDifferences) {
  const std::vector<std::vector<Shape>> cases = {
      {{2, 3}, {2, 3}},
      {{2, 3}, {2, 3}, {2, 3}},
      {{2, 3, 2, 4}, {2, 1, 1, 4}},
      {{2, 3, 4}, {2, 3, 1}},
      {{2, 3, 4}, {4}, {3, 1}},
      {{1, 3, 1}, {2, 1, 4}},
      {{2, 3, 4}, {}},
      {{2, 1, 3, 1}, {1, 2, 1, 2}},
      {{3}, {3}, {1}},
      {{2, 2, 3, 2}, {1, 2, 1, 2}},
  };
  for (const std::vector<Shape>& shapes : cases) {
    const Graph graph = ProductOf(shapes);
    ExpectGradientsMatchDifferences(graph, "y");
    ExpectFloatMatchesDouble(graph, "y", 16);  // a few products; sums are in double
  }
}

TEST(MultiplyOperation, SumsInPiecesWhereThereIsMuch) {
  const Graph graph = ProductOf({{2, 70, 70, 32}, {2, 1, 1, 32}});
  ExpectFloatMatchesDouble(graph, "y", 16);
  ExpectFloatMatchesDouble(ProductOf({{5, 200, 200}, {5, 200, 1}}), "y", 16);
}

TEST(MultiplyOperation, RefusesShapesThatDiffer) {
  EXPECT_THAT([] { ProductOf({{2, 3}, {2, 4}}); }, ThrowsMessage<Error>(HasSubstr("(2, 3) and (2, 4)")));
  EXPECT_THAT([] { ProductOf({{2, 3}}); }, ThrowsMessage<Error>(HasSubstr("at least 2")));
}

}  // namespace
}  // namespace convscope
