#include "convscope/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/model.h"
#include "convscope/graph/pool_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

GraphBuilder PictureAndKernel(Shape picture, Shape kernel) {
  GraphBuilder builder;
  builder.Input("input", {picture});
  builder.Parameter("kernel", {kernel});
  return builder;
}

Shape ConvShape(Shape picture, Shape kernel, const ConvOp& conv) {
  GraphBuilder builder = PictureAndKernel(picture, kernel);
  builder.Add("conv", conv, {"input", "kernel"});
  return builder.graph()["conv"].type.shape;
}

TEST(GraphTest, InfersTheShapesThatTheNotebooksState) {
  EXPECT_EQ(ConvShape({1, 375, 500, 1}, {3, 3, 1, 1}, {}), (Shape{1, 373, 498, 1}));
  EXPECT_EQ(ConvShape({1, 375, 500, 1}, {3, 3, 1, 1}, {.strides = {2}}), (Shape{1, 187, 249, 1}));
  EXPECT_EQ(ConvShape({1, 10, 10, 3}, {5, 5, 3, 6}, {.strides = {2}, .padding = {Padding::Same()}}),
            (Shape{1, 5, 5, 6}));
  EXPECT_EQ(ConvShape({1, 28, 28, 1}, {5, 5, 1, 1}, {}), (Shape{1, 24, 24, 1}));
  EXPECT_EQ(ConvShape({1, 28, 28, 1}, {5, 5, 1, 1}, {.padding = {Padding::Same()}}), (Shape{1, 28, 28, 1}));

  GraphBuilder builder = PictureAndKernel({1, 134, 240, 1}, {3, 3, 1, 1});
  builder.Add("conv", ConvOp{.strides = {3}, .padding = {Padding::Same()}}, {"input", "kernel"});
  builder.Add("sigmoid", ActivationOp{MakeActivation(ActivationKind::kSigmoid)}, {"conv"});
  builder.Add("pool", PoolOp{.sizes = {3}, .padding = {Padding::Same()}}, {"sigmoid"});
  EXPECT_EQ(builder.graph()["conv"].type.shape, (Shape{1, 45, 80, 1}));
  EXPECT_EQ(builder.graph()["sigmoid"].type.shape, (Shape{1, 45, 80, 1}));
  EXPECT_EQ(builder.graph()["pool"].type.shape, (Shape{1, 15, 27, 1}));
}

TEST(GraphTest, InfersOneAndThreeSpatialAxesEachWithItsOwnAttributes) {
  EXPECT_EQ(ConvShape({2, 9, 4}, {3, 4, 5}, {.strides = {2}}), (Shape{2, 4, 5}));
  EXPECT_EQ(ConvShape({1, 7, 9, 11, 2}, {3, 1, 5, 1, 4},
                      {.strides = {1, 2, 3},
                       .dilations = {2, 1, 1},
                       .padding = {Padding::Valid(), Padding::Same(), Padding::Explicit(1, 2)},
                       .groups = 2}),
            (Shape{1, 3, 5, 4, 4}));
}

TEST(GraphTest, CountsMultiplyAddsOfTheDirectAlgorithm) {
  GraphBuilder builder = PictureAndKernel({2, 10, 8, 4}, {3, 3, 2, 6});
  builder.Add("conv", ConvOp{.groups = 2}, {"input", "kernel"});
  builder.Add("pool", PoolOp{}, {"conv"});
  EXPECT_EQ(builder.Build().MultiplyAdds(), 2 * (8 * 6) * 6 * (3 * 3 * 2));
}

TEST(GraphTest, AnErrorNamesTheNodeTheRuleAndWhatArrived) {
  GraphBuilder builder = PictureAndKernel({1, 8, 8, 3}, {3, 3, 1, 4});
  EXPECT_THAT(
      [&] {
        builder.Add("conv_1", ConvOp{}, {"input", "kernel"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("node conv_1 (Conv)"), HasSubstr("the input's 3"), HasSubstr("(3, 3, 1, 4)"),
                                 HasSubstr("(1, 8, 8, 3)"))));
  EXPECT_THAT(
      [&] {
        builder.Add("conv_1", ConvOp{.groups = 2}, {"input", "kernel"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("groups divides the 3 channels and the 4 filters"), HasSubstr("2"))));
  EXPECT_THAT(
      [&] {
        builder.Add("pool", PoolOp{.sizes = {2, 2, 2}}, {"input"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("node pool (MaxPool)"), HasSubstr("the window's size"),
                                 HasSubstr("2 spatial axes"), HasSubstr("3 values"))));
  EXPECT_THAT(
      [&] {
        builder.Add("pool", PoolOp{.sizes = {9, 2}}, {"input"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("node pool (MaxPool): rows"), HasSubstr("must fit"))));
  EXPECT_THAT(
      [&] {
        builder.Add("relu", ActivationOp{}, {"input", "kernel"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("takes 1 input;"), HasSubstr("received 2"))));
  EXPECT_THAT([&] { builder.Add("relu", ActivationOp{}, {"inptu"}); },
              ThrowsMessage<Error>(AllOf(HasSubstr("\"inptu\""), HasSubstr("did you mean input"))));
  EXPECT_TRUE(builder.graph().nodes().empty());
}

TEST(GraphTest, RefusesMixedAndIntegerTypes) {
  GraphBuilder builder;
  builder.Input("x", {{1, 4, 4, 1}, DType::kFloat64});
  builder.Input("bytes", {{1, 4, 4, 1}, DType::kUInt8});
  builder.Parameter("kernel", {{3, 3, 1, 1}});
  EXPECT_THAT([&] { builder.Add("conv", ConvOp{}, {"x", "kernel"}); }, ThrowsMessage<Error>(HasSubstr("all float64")));
  EXPECT_THAT([&] { builder.Add("pool", PoolOp{}, {"bytes"}); }, ThrowsMessage<Error>(HasSubstr("uint8")));
}

TEST(GraphTest, TensorsAndNodesHaveNamesOfTheirOwn) {
  GraphBuilder builder = PictureAndKernel({1, 8, 8, 1}, {3, 3, 1, 1});
  builder.Add("conv", ConvOp{}, {"input", "kernel"}, {"conv/pre_activation"});
  EXPECT_THAT(
      [&] {
        builder.Add("conv", ConvOp{}, {"input", "kernel"}, {"again"});
      },
      ThrowsMessage<Error>(HasSubstr("each node has a name of its own")));
  EXPECT_THAT(
      [&] {
        builder.Add("other", ConvOp{}, {"input", "kernel"}, {"kernel"});
      },
      ThrowsMessage<Error>(HasSubstr("each tensor has a name of its own; received \"kernel\"")));
  EXPECT_THAT([&] { builder.Input("input", {{1}}); }, ThrowsMessage<Error>(HasSubstr("name of its own")));
  EXPECT_THAT([&] { builder.Parameter("", {{1}}); }, ThrowsMessage<Error>(HasSubstr("every tensor has a name")));
  EXPECT_EQ(builder.graph().nodes().size(), 1u);
}

TEST(GraphTest, ANodesNameStandsForItsFirstOutput) {
  GraphBuilder builder = PictureAndKernel({1, 8, 8, 1}, {3, 3, 1, 1});
  builder.Add("/conv/Conv", ConvOp{}, {"input", "kernel"}, {"conv_output_0"});
  builder.Add("input/again", AddOp{}, {"conv_output_0", "conv_output_0"}, {"twice"});
  const Graph graph = builder.Build();
  EXPECT_EQ(graph.Find("/conv/Conv"), graph.Find("conv_output_0"));
  EXPECT_EQ(graph["input/again"].name, "twice");
  EXPECT_FALSE(graph.Has("/conv/Conv"));  // it is no tensor's name
  EXPECT_THAT([&] { graph.Find("/conv/Con"); }, ThrowsMessage<Error>(HasSubstr("conv_output_0")));
}

TEST(GraphTest, ABuilderRollsBackToWhatThereWas) {
  GraphBuilder builder;
  builder.Input("x", {{1, 4}});
  builder.Add("first", AddOp{}, {"x", "x"});
  builder.Add("second", AddOp{}, {"first", "x"});
  builder.RollBack(2, 1);
  EXPECT_FALSE(builder.graph().Has("second"));
  EXPECT_EQ(builder.graph().nodes().size(), 1);
  builder.Add("second", AddOp{}, {"x", "x"});  // its names are free again
  EXPECT_TRUE(builder.graph().Has("second"));
}

TEST(GraphTest, AttributesPrintAsTheyWereGiven) {
  const OperationPtr conv = ConvOp{.strides = {2, 1}, .padding = {Padding::Explicit(1, 0)}, .flip_kernel = true};
  std::string text;
  for (const Attribute& attribute : conv->attributes()) text += attribute.name + "=" + attribute.ValueText() + " ";
  EXPECT_EQ(text, "strides=[2, 1] dilations=[1] padding=1:0 pad_mode=zero groups=1 flip_kernel=true ");
  const OperationPtr leaky = ActivationOp{{.kind = ActivationKind::kLeakyRelu, .alpha = 0.25f}};
  EXPECT_EQ(leaky->type(), "LeakyRelu");
  EXPECT_EQ(leaky->attributes()[0].ValueText(), "0.25");
}

TEST(ModelTest, HoldsEachParameterInItsTypeAndNothingElse) {
  GraphBuilder builder = PictureAndKernel({1, 8, 8, 1}, {3, 3, 1, 1});
  const Graph graph = builder.Build();
  const auto model = [&](NamedTensors parameters) { return Model(graph, std::move(parameters)); };
  EXPECT_NO_THROW(model({{"kernel", Share(Tensor::Zeros({3, 3, 1, 1}))}}));
  EXPECT_THAT([&] { model({}); }, ThrowsMessage<Error>(HasSubstr("parameter kernel")));
  EXPECT_THAT(
      [&] {
        model({{"kernel", Share(Tensor::Zeros({9, 1, 1, 1}))}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("(3, 3, 1, 1) float32"), HasSubstr("(9, 1, 1, 1) float32"))));
  EXPECT_THAT(
      [&] {
        model({{"kernel", Share(Tensor::Zeros({3, 3, 1, 1}))}, {"kernels", Share(Tensor::Zeros({1}))}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("\"kernels\""), HasSubstr("did you mean kernel"))));
}

}  // namespace
}  // namespace convscope
