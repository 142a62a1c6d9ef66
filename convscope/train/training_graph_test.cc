#include "convscope/train/training_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/train/internal/bars.h"
#include "convscope/train/penalty_operation.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

Graph DenseThen(ActivationKind kind) {
  GraphBuilder builder;
  builder.Input("input", {{1, 3}});
  builder.Parameter("kernel", {{3, 4}});
  builder.Add("logits", DenseOp{}, {"input", "kernel"});
  builder.Add("output", ActivationOp{MakeActivation(kind)}, {"logits"});
  return builder.Build();
}

TEST(TrainingGraph, TakesLogitsWhereTheLossHasThemFused) {
  const auto scores = [](ActivationKind activation, LossKind loss) {
    return MakeTrainingGraph(DenseThen(activation), {.loss = {.kind = loss}}, 2, true).scores;
  };
  EXPECT_EQ(scores(ActivationKind::kSoftmax, LossKind::kSparseCategoricalCrossEntropy), "logits");
  EXPECT_EQ(scores(ActivationKind::kSoftmax, LossKind::kCategoricalCrossEntropy), "logits");
  EXPECT_EQ(scores(ActivationKind::kSigmoid, LossKind::kBinaryCrossEntropy), "logits");
  EXPECT_EQ(scores(ActivationKind::kSigmoid, LossKind::kCategoricalCrossEntropy), "output");
  EXPECT_EQ(scores(ActivationKind::kSoftmax, LossKind::kBinaryCrossEntropy), "output");
  EXPECT_EQ(scores(ActivationKind::kSoftmax, LossKind::kMeanSquaredError), "output");
  EXPECT_EQ(scores(ActivationKind::kTanh, LossKind::kHinge), "output");
}

TEST(TrainingGraph, HasGradientsOfWhatLearnsAlone) {
  const Model model = BarsNetwork();
  const TrainingGraph all = MakeTrainingGraph(model.graph(), {}, 5, true);
  EXPECT_EQ(all.output, "dense");
  EXPECT_EQ(all.graph[all.loss].type.shape, Shape{5});
  EXPECT_THAT(all.gradients,
              UnorderedElementsAre(Key("conv/kernel"), Key("conv/bias"), Key("dense/kernel"), Key("dense/bias")));
  TrainingGoal frozen;
  frozen.rules.parameters["conv/kernel"].trainable = false;
  frozen.rules.parameters["conv/bias"].trainable = false;
  const TrainingGraph some = MakeTrainingGraph(model.graph(), frozen, 5, true);
  EXPECT_THAT(some.gradients, UnorderedElementsAre(Key("dense/kernel"), Key("dense/bias")));
  EXPECT_FALSE(some.graph.Has("gradient/conv"));  // nor is the way to it walked
  EXPECT_TRUE(MakeTrainingGraph(model.graph(), {}, 5, false).gradients.empty());
}

TEST(TrainingGraph, SaysWhatDoesNotFit) {
  const auto error_of = [](const Graph& graph, const TrainingGoal& goal) -> std::string {
    try {
      MakeTrainingGraph(graph, goal, 2, true);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Graph graph = DenseThen(ActivationKind::kSoftmax);
  EXPECT_EQ(error_of(graph, {}), "no error");
  EXPECT_THAT(error_of(graph, {.rules = {.parameters = {{"kernal", {}}}}}), HasSubstr("did you mean kernel"));
  EXPECT_THAT(error_of(graph, {.rules = {.parameters = {{"input", {}}}}}), HasSubstr("rules are given for parameters"));
  EXPECT_THAT(error_of(graph, {.rules = {.activities = {{.tensor = "kernel"}}}}), HasSubstr("an activity is a tensor"));
  GraphBuilder two(graph);
  two.Add("second", ActivationOp{}, {"logits"});
  EXPECT_THAT(error_of(two.Build(), {}), HasSubstr("one output of the network; received 2 outputs"));
  EXPECT_EQ(error_of(two.Build(), {.rules = {.output = "output"}}), "no error");
  GraphBuilder inputs(graph);
  inputs.Input("other", {{1, 3}});
  EXPECT_THAT(error_of(inputs.Build(), {}), HasSubstr("has one input; received 2 inputs"));
}

TEST(Penalty, SumsAbsoluteValuesAndSquares) {
  GraphBuilder builder;
  builder.Input("x", {{2, 3}});
  builder.Add("all", PenaltyOp{.l1 = 0.5, .l2 = 0.25}, {"x"});
  builder.Add("each", PenaltyOp{.l1 = 0.5, .l2 = 0.25, .per_sample = true}, {"x"});
  const Trace trace(Model(builder.Build(), {}), {{"x", Share(Tensor::Of({2, 3}, {1, -2, 3, 0, 4, -4}))}});
  EXPECT_FLOAT_EQ(trace["each"].data()[0], 0.5f * 6 + 0.25f * 14);
  EXPECT_FLOAT_EQ(trace["each"].data()[1], 0.5f * 8 + 0.25f * 32);
  EXPECT_FLOAT_EQ(trace["all"].data()[0], 0.5f * 14 + 0.25f * 46);
}

TEST(Penalty, GradientsMatchDifferences) {
  GraphBuilder builder;
  builder.Input("x", {{3, 2, 5}});
  builder.Add("all", PenaltyOp{.l1 = 0.3, .l2 = 0.7}, {"x"});
  builder.Add("each", PenaltyOp{.l1 = 0.3, .l2 = 0.7, .per_sample = true}, {"x"});
  ExpectGradientsMatchDifferences(builder.Build(), "all");
  ExpectGradientsMatchDifferences(builder.Build(), "each");
}

TEST(Penalty, OfManyValuesHasTheSameBitsAtAnyNumberOfThreads) {
  GraphBuilder builder;
  builder.Input("x", {{3, 50000}});
  builder.Add("all", PenaltyOp{.l1 = 0.3, .l2 = 0.7}, {"x"});
  const NamedTensors inputs = {{"x", Share(FirstWeights({3, 50000}, 1, "x"))}};
  float want = 0;
  for (const int threads : {1, 2, 5}) {
    SetThreadCount(threads);
    const float got = Trace(Model(builder.Build(), {}), inputs)["all"].data()[0];
    if (threads == 1) want = got;
    EXPECT_EQ(got, want);
  }
  SetThreadCount(0);
  // sum |x| and sum x^2 of 150,000 normal numbers: 0.3 * 0.7979 + 0.7 of each, give or take 5 standard errors.
  EXPECT_NEAR(want / 150000, 0.3 * 0.7979 + 0.7, 5 * 1.2 / std::sqrt(150000.0));
}

}  // namespace
}  // namespace convscope
