#include "convscope/graph/conv_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "convscope/graph/internal/gradient_check.h"

namespace convscope {
namespace {

struct Case {
  ConvOp op;
  Shape input, kernel;
};

// Every attribute at least once, in one to three dimensions.
std::vector<Case> Cases() {
  std::vector<Case> cases = {
      {{}, {2, 5, 6, 2}, {3, 3, 2, 3}},
      {{.strides = {2}, .padding = {Padding::Same()}}, {1, 6, 7, 1}, {3, 3, 1, 4}},
      {{.strides = {1, 2}, .padding = {Padding::Same()}}, {2, 4, 5, 3}, {2, 3, 3, 2}},
      {{.strides = {3}, .padding = {Padding::Explicit(2, 1)}}, {1, 8, 8, 2}, {4, 2, 2, 2}},
      {{.dilations = {2}}, {1, 7, 6, 2}, {3, 2, 2, 2}},
      {{.padding = {Padding::Same()}, .groups = 2}, {1, 5, 4, 4}, {3, 3, 2, 6}},
      {{.padding = {Padding::Same()}, .groups = 3}, {1, 5, 4, 3}, {3, 3, 1, 3}},
      {{.strides = {2}, .padding = {Padding::Same()}, .groups = 3}, {2, 5, 4, 3}, {3, 3, 1, 6}},
      {{.padding = {Padding::Same()}, .flip_kernel = true}, {1, 5, 4, 2}, {3, 2, 2, 2}},
      {{}, {3, 4, 3, 5}, {1, 1, 5, 7}},
      {{.strides = {2}, .padding = {Padding::Same()}}, {2, 9, 2}, {4, 2, 3}},
      {{.strides = {2}, .padding = {Padding::Same()}}, {1, 3, 4, 3, 2}, {2, 3, 2, 2, 2}},
  };
  for (const PadMode mode : {PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
    cases.push_back({{.padding = {Padding::Explicit(2, 1)}, .pad_mode = mode}, {1, 4, 5, 2}, {3, 3, 2, 2}});
  }
  return cases;
}

Graph OneConv(const Case& one, bool bias) {
  GraphBuilder builder;
  builder.Input("x", {one.input});
  builder.Parameter("kernel", {one.kernel});
  std::vector<std::string> inputs = {"x", "kernel"};
  if (bias) {
    builder.Parameter("bias", {Shape{one.kernel.back()}});
    inputs.emplace_back("bias");
  }
  builder.Add("y", one.op, inputs);
  return builder.Build();
}

TEST(ConvOperationTest, GradientsMatchDifferences) {
  for (const Case& one : Cases()) {
    for (const bool bias : {false, true}) ExpectGradientsMatchDifferences(OneConv(one, bias), "y");
  }
}

TEST(ConvOperationTest, FloatGradientsAreThoseInDouble) {
  for (const Case& one : Cases()) {
    // No sum here has more than 128 products of factors up to 1.
    ExpectFloatGradientsNearDouble(OneConv(one, true), "y", 128 * 128 * 0x1p-24);
  }
}

// Names of the gradient nodes that follow the forward pass when these tensors are wanted.
std::vector<std::string> NodesFor(const std::vector<std::string>& wanted) {
  GraphBuilder builder(OneConv(Cases()[0], true));
  builder.Input("seed", {builder.graph()["y"].type});
  AddGradients(builder, {{"y", "seed"}}, wanted);
  std::vector<std::string> types;
  for (const GraphNode& node : builder.graph().nodes()) {
    types.push_back(std::string(node.operation->type()) + std::to_string(node.outputs.size()));
  }
  return types;
}

TEST(ConvOperationTest, OnePassGivesTheGradientsOfKernelAndBias) {
  using ::testing::ElementsAre;
  EXPECT_THAT(NodesFor({"x", "kernel", "bias"}), ElementsAre("Conv1", "ConvInputGradient1", "ConvKernelGradient2"));
  EXPECT_THAT(NodesFor({"kernel"}), ElementsAre("Conv1", "ConvKernelGradient1"));
  EXPECT_THAT(NodesFor({"bias"}), ElementsAre("Conv1", "BiasGradient1"));
  EXPECT_THAT(NodesFor({"x"}), ElementsAre("Conv1", "ConvInputGradient1"));
}

TEST(ConvOperationTest, TheGradientOfABiasAloneIsTheSumOverPixels) {
  Random random(4, "bias gradient");
  for (const int64_t pixels : {1, 255, 256, 257, 3000}) {
    GraphBuilder builder;
    builder.Input("x", {{1, pixels, 2}});
    builder.Input("kernel", {{1, 2, 3}});
    builder.Parameter("bias", {{3}});
    builder.Add("y", ConvOp{}, {"x", "kernel", "bias"});
    builder.Input("seed", {{1, pixels, 3}});
    const GradientNames names = AddGradients(builder, {{"y", "seed"}}, {"bias"});
    Tensor seed(Shape{1, pixels, 3});
    std::vector<double> want(3), size(3);
    for (int64_t i = 0; i < seed.size(); ++i) {
      seed.data()[i] = random.Normal();
      want[i % 3] += seed.data()[i];
      size[i % 3] += std::abs(seed.data()[i]);
    }
    const Trace trace(Model(builder.Build(), {{"bias", Share(Tensor::Zeros({3}))}}),
                      {{"x", Share(Tensor::Zeros({1, pixels, 2}))},
                       {"kernel", Share(Tensor::Zeros({1, 2, 3}))},
                       {"seed", Share(std::move(seed))}});
    // Sums of 256 in float32, and the result rounded once.
    for (int f = 0; f < 3; ++f) EXPECT_NEAR(trace[names.at("bias")].data()[f], want[f], 257 * 0x1p-24 * size[f]);
  }
}

TEST(ConvOperationTest, GradientsTakeAnotherNumberOfSamples) {
  GraphBuilder builder(OneConv(Cases()[0], true));
  builder.Input("seed", {builder.graph()["y"].type});
  const GradientNames names = AddGradients(builder, {{"y", "seed"}}, {"x", "kernel"});
  const Graph graph = Rebuild(builder.Build(), {.batch = 5}).builder.Build();
  EXPECT_EQ(graph[names.at("x")].type.shape, (Shape{5, 5, 6, 2}));
  EXPECT_EQ(graph[names.at("kernel")].type.shape, (Shape{3, 3, 2, 3}));
}

}  // namespace
}  // namespace convscope
