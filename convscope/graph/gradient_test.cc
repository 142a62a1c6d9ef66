#include "convscope/graph/gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(GradientTest, SumsWhatComesBackFromEveryReader) {
  GraphBuilder builder;
  builder.Input("x", {{2, 3}});
  builder.Parameter("w", {{2, 3}});
  builder.Add("twice", AddOp{}, {"x", "x"});
  builder.Add("flat", ReshapeOp{}, {"twice"});
  builder.Add("weighted", AddOp{}, {"twice", "w", "x"});
  builder.Add("also_flat", ReshapeOp{}, {"weighted"});
  builder.Add("all", AddOp{}, {"flat", "also_flat", "flat"});
  ExpectGradientsMatchDifferences(builder.Build(), "all");

  const Model model(builder.Build(), {{"w", Share(Tensor::Zeros({2, 3}))}});
  const GradientTrace gradients(model, {{"x", Share(Tensor::Zeros({2, 3}))}}, "all",
                                Share(Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6})));
  EXPECT_THAT(gradients["x"].view().span(), ElementsAre(7, 14, 21, 28, 35, 42));
  EXPECT_THAT(gradients["w"].view().span(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(gradients["twice"].view().span(), ElementsAre(3, 6, 9, 12, 15, 18));
  EXPECT_EQ(gradients["twice"].shape(), (Shape{2, 3}));
}

TEST(GradientTest, LeavesOutWhatTheSeedDoesNotDependOn) {
  GraphBuilder builder;
  builder.Input("x", {{4}});
  builder.Input("unused", {{4}});
  builder.Add("sum", AddOp{}, {"x", "x"});
  builder.Add("later", AddOp{}, {"sum", "unused"});
  builder.Input("seed", {{4}});
  const GradientNames names = AddGradients(builder, {{"sum", "seed"}}, {"x", "unused"});
  EXPECT_TRUE(names.contains("x"));
  EXPECT_FALSE(names.contains("unused"));
  EXPECT_FALSE(names.contains("later"));
}

TEST(GradientTest, TellsAWrongSeedAndAnUnknownName) {
  GraphBuilder builder;
  builder.Input("x", {{4}});
  builder.Add("sum", AddOp{}, {"x", "x"});
  builder.Input("short", {{3}});
  EXPECT_THAT(
      [&] {
        AddGradients(builder, {{"sum", "short"}}, {"x"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("seed short"), HasSubstr("(4,) float32"), HasSubstr("(3,)"))));
  EXPECT_THAT([&] { AddGradients(builder, {{"sum", "x"}}, {"y"}); }, ThrowsMessage<Error>(HasSubstr("\"y\"")));
}

}  // namespace
}  // namespace convscope
