#include "convscope/graph/activation_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/graph/add_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

std::vector<Activation> Activations() {
  std::vector<Activation> all;
  for (const std::string& name : ActivationNames()) all.push_back(ParseActivation(name));
  for (const char* text : {"gelu:tanh", "leaky_relu:0.01", "leaky_relu:-3", "elu:1.7", "elu:-0.5"}) {
    all.push_back(ParseActivation(text));
  }
  return all;
}

Graph OneActivation(const Activation& activation, const Shape& shape) {
  GraphBuilder builder;
  builder.Input("x", {shape});
  builder.Add("y", ActivationOp{activation}, {"x"});
  return builder.Build();
}

TEST(ActivationOperationTest, GradientsMatchDifferences) {
  for (const Activation& activation : Activations()) {
    SCOPED_TRACE(Formula(activation));
    for (const Shape& shape : {Shape{7}, Shape{2, 3, 5}, Shape{4, 1}}) {
      ExpectGradientsMatchDifferences(OneActivation(activation, shape), "y", {}, -3, 3);
    }
  }
}

TEST(ActivationOperationTest, FloatGradientsAreThoseInDouble) {
  for (const Activation& activation : Activations()) {
    SCOPED_TRACE(Formula(activation));
    // An output of up to e^3 is off by 10 units at most, which changes its slope at most twofold; the slope itself is
    // off by 18 units of at most e^3.
    ExpectFloatGradientsNearDouble(OneActivation(activation, {5, 21}), "y", (2 * 10 + 18) * std::exp(3) * 0x1p-23, -3,
                                   3);
  }
}

std::vector<float> Back(const char* activation, GradientRule rule, std::initializer_list<float> x,
                        std::initializer_list<float> seed) {
  const Shape shape{static_cast<int64_t>(x.size())};
  const GradientTrace gradients(Model(OneActivation(ParseActivation(activation), shape), {}),
                                {{"x", Share(Tensor::Of(shape, x))}}, "y", Share(Tensor::Of(shape, seed)), rule);
  const auto span = gradients["x"].view().span();
  return {span.begin(), span.end()};
}

TEST(ActivationOperationTest, GuidedKeepsPositiveGradientsOfPositiveOutputs) {
  const auto back = [](const char* activation) {
    return Back(activation, GradientRule::kGuided, {-1, -1, 2, 2, 8, 8}, {-3, 3, -3, 3, -3, 3});
  };
  EXPECT_THAT(back("relu"), ElementsAre(0, 0, 0, 3, 0, 3));
  EXPECT_THAT(back("relu6"), ElementsAre(0, 0, 0, 3, 0, 0));
  EXPECT_THAT(back("leaky_relu:0.5"), ElementsAre(0, 0, 0, 3, 0, 3));
}

TEST(ActivationOperationTest, DeconvolutionKeepsPositiveGradientsOfAllOutputs) {
  const auto back = [](const char* activation) {
    return Back(activation, GradientRule::kDeconvolution, {-1, -1, 2, 2, 8, 8}, {-3, 3, -3, 3, -3, 3});
  };
  for (const char* name : {"relu", "relu6", "leaky_relu:0.5"}) EXPECT_THAT(back(name), ElementsAre(0, 3, 0, 3, 0, 3));
}

TEST(ActivationOperationTest, RulesLeaveAloneWhatIsNoRectifier) {
  for (const char* name : {"leaky_relu:-3", "tanh", "elu", "hard_sigmoid", "linear", "softmax"}) {
    const auto back = [&](GradientRule rule) { return Back(name, rule, {-1, -1, 0.5f, 2}, {-3, 3, -3, 3}); };
    EXPECT_EQ(back(GradientRule::kGuided), back(GradientRule::kTrue)) << name;
    EXPECT_EQ(back(GradientRule::kDeconvolution), back(GradientRule::kTrue)) << name;
  }
}

TEST(ActivationOperationTest, GradientReadsTheOutputSoThatNothingHoldsTheInput) {
  GraphBuilder builder(OneActivation(ParseActivation("tanh"), {3}));
  builder.Input("seed", {{3}});
  AddGradients(builder, {{"y", "seed"}}, {"x"});
  const GraphNode& node = builder.graph().nodes().back();
  EXPECT_EQ(node.operation->type(), "TanhGradient");
  EXPECT_EQ(builder.graph().tensors()[node.inputs[0]].name, "y");
}

Graph ActivationAndPool(const PoolOp& pool, bool looked_into) {
  GraphBuilder builder;
  builder.Input("x", {{2, 7, 6, 3}});
  builder.Add("y", ActivationOp{MakeActivation(ActivationKind::kTanh)}, {"x"});
  builder.Add("pooled", pool, {"y"});
  builder.Add("flat", ReshapeOp{}, {"pooled"});
  if (looked_into) {
    builder.Add("again", pool, {"y"});
    builder.Add("flat_again", ReshapeOp{}, {"again"});
  }
  builder.Add("sum", AddOp{}, {"flat", looked_into ? "flat_again" : "flat"});
  return builder.Build();
}

std::vector<std::string> BackwardTypes(const Graph& forward) {
  GraphBuilder builder(forward);
  builder.Input("seed", {builder.graph()["sum"].type});
  const GradientNames names = AddGradients(builder, {{"sum", "seed"}}, {"x"});
  const Run run(Model(builder.Build(), {}), {names.at("x")});
  std::vector<std::string> types;
  for (const GraphNode& node : builder.graph().nodes()) {
    if (node.operation->type().find("Gradient") != std::string_view::npos) types.emplace_back(node.operation->type());
  }
  types.push_back(std::to_string(run.StepCount()));
  return types;
}

TEST(ActivationOperationTest, BeforeAMaxPoolSlopesAreTakenAtThePoolsOutput) {
  const PoolOp overlapping{.sizes = {3}, .strides = {2}, .padding = {Padding::Same()}};
  for (const PoolOp& pool : {PoolOp{}, overlapping, PoolOp{.kind = PoolKind::kAverage}}) {
    for (const bool looked_into : {false, true}) {
      ExpectGradientsMatchDifferences(ActivationAndPool(pool, looked_into), "sum");
      ExpectFloatGradientsNearDouble(ActivationAndPool(pool, looked_into), "sum", 64 * 0x1p-23);
    }
  }
  // The numbers are a run's steps. The first gradient of the pool is for whoever looks at y, and the run leaves it out:
  // tanh, pool, the sum of what comes back, slopes, move. An average needs no pool for that.
  EXPECT_THAT(BackwardTypes(ActivationAndPool({}, false)),
              ElementsAre("MaxPoolGradient", "TanhGradient", "MaxPoolGradient", "5"));
  EXPECT_THAT(BackwardTypes(ActivationAndPool({.kind = PoolKind::kAverage}, false)),
              ElementsAre("AveragePoolGradient", "TanhGradient", "4"));
  EXPECT_THAT(BackwardTypes(ActivationAndPool({}, true)),
              ElementsAre("MaxPoolGradient", "MaxPoolGradient", "TanhGradient", "7"));
}

TEST(ActivationOperationTest, BeforeAMaxPoolTheGradientOfTheOutputIsStillThere) {
  const Graph graph = ActivationAndPool({}, false);
  Random random(1, "pool");
  Tensor x(Shape{2, 7, 6, 3});
  for (float& value : x.view().span()) value = random.Normal();
  const GradientTrace gradients(Model(graph, {}), {{"x", Share(std::move(x))}}, "sum",
                                Share(Tensor::Of(graph["sum"].type.shape, std::vector<float>(54, 1.0f))));
  const float* y = gradients.trace()["y"].data();
  int reached = 0;
  for (int64_t i = 0; i < gradients["x"].size(); ++i) {
    const float slope = 1 - y[i] * y[i];
    EXPECT_NEAR(gradients["x"].data()[i], gradients["y"].data()[i] * slope, 1e-6f);
    reached += gradients["y"].data()[i] == 2 ? 1 : 0;
  }
  EXPECT_EQ(reached, 54);
}

}  // namespace
}  // namespace convscope
