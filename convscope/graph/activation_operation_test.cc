#include "convscope/graph/activation_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

std::vector<Activation> Activations() {
  std::vector<Activation> all;
  for (const std::string& name : ActivationNames()) all.push_back(ParseActivation(name));
  for (const char* text : {"gelu:tanh", "leaky_relu:0.01", "leaky_relu:-3", "elu:1.7", "elu:-0.5", "celu:0.3",
                           "thresholded_relu:0.4", "thresholded_relu:-1.4"}) {
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

TEST(ActivationOperationTest, ExplainsEveryElement) {
  Random random(3, "activation");
  Tensor narrow(Shape{3, 7});
  for (float& value : narrow.view().span()) value = random.Uniform(-5, 5);
  const SharedTensor x = Share(std::move(narrow));
  for (const Activation& activation : Activations()) {
    SCOPED_TRACE(Formula(activation));
    ExpectExplained(ActivationOp{activation}, {x});
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
  for (const char* name :
       {"leaky_relu:-3", "tanh", "elu", "hard_sigmoid", "linear", "softmax", "log_softmax", "celu"}) {
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

}  // namespace
}  // namespace convscope
