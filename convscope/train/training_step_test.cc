#include "convscope/train/training_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/graph/rebuild.h"
#include "convscope/train/internal/bars.h"
#include "convscope/train/internal/fixture_check.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

template <typename T>
Tensor FromFixture(const Shape& shape, Fixture& fixture) {
  Tensor tensor(shape, DTypeOf<T>());
  for (T& value : tensor.view<T>().span()) value = static_cast<T>(fixture.Next());
  return tensor;
}

template <typename T>
void ExpectNear(const Tensor& got, Fixture& fixture, double tolerance) {
  for (const T value : got.view<T>().span()) ASSERT_NEAR(value, fixture.Next(), tolerance);
}

// The network of scripts/make_training_fixtures.py, in the order of its parameters.
const std::vector<std::pair<std::string, Shape>> kFixtureParameters = {
    {"conv/kernel", {3, 3, 2, 3}}, {"conv/bias", {3}}, {"dense/kernel", {12, 4}}, {"dense/bias", {4}}};

Graph FixtureNetwork(DType dtype) {
  GraphBuilder builder;
  builder.Input("input", {{1, 6, 6, 2}});
  for (const auto& [name, shape] : kFixtureParameters) builder.Parameter(name, {shape});
  builder.Add("conv", ConvOp{}, {"input", "conv/kernel", "conv/bias"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv"});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"relu"});
  builder.Add("flatten", ReshapeOp{{0, -1}}, {"pool"});
  builder.Add("dense", DenseOp{}, {"flatten", "dense/kernel", "dense/bias"});
  builder.Add("softmax", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"dense"});
  return Rebuild(builder.Build(), {.floating = dtype}).builder.Build();
}

// Losses, gradients and parameters of ten steps of PyTorch.
template <typename T>
void ExpectPyTorchSteps(double tolerance) {
  for (const Optimizer& optimizer : {Optimizer(SGD{.learning_rate = 0.1, .momentum = 0.9}),
                                     Optimizer(Adam{.learning_rate = 0.01, .epsilon = 1e-3})}) {
    Fixture fixture("network.bin");
    NamedTensors first;
    for (const auto& [name, shape] : kFixtureParameters) first[name] = Share(FromFixture<T>(shape, fixture));
    std::vector<Tensor> pictures, labels;
    for (int i = 0; i < 10; ++i) {
      pictures.push_back(FromFixture<T>({4, 6, 6, 2}, fixture));
      labels.push_back(FromFixture<double>({4}, fixture));
    }
    const bool is_adam = std::holds_alternative<Adam>(optimizer);
    if (is_adam) FromFixture<T>({10 * (1 + 54 + 3 + 48 + 4) + 54 + 3 + 48 + 4}, fixture);  // those of SGD

    TrainingStep step(FixtureNetwork(DTypeOf<T>()), {}, first, optimizer);
    std::vector<std::string> gradients;
    for (const auto& [name, shape] : kFixtureParameters) gradients.push_back("gradient/" + name);
    step.Watch(gradients);
    for (int i = 0; i < 10; ++i) {
      SCOPED_TRACE(std::string(Name(optimizer)) + ", step " + std::to_string(i + 1));
      const TrainingStep::Inputs inputs = step.LearningInputs(4);
      std::copy_n(pictures[i].bytes(), pictures[i].SizeInBytes(), inputs.pictures.bytes());
      for (int n = 0; n < 4; ++n) inputs.target.data<int32_t>()[n] = static_cast<int32_t>(labels[i].data<double>()[n]);
      ASSERT_NEAR(step.LearnWatching(4, {}, LearningRate(optimizer)).loss, fixture.Next(), tolerance);
      const NamedTensors watched = step.Watched();
      for (const std::string& name : gradients) {
        SCOPED_TRACE(name);
        ExpectNear<T>(*watched.at(name), fixture, tolerance);
      }
    }
    const NamedTensors last = step.Parameters();
    for (const auto& [name, shape] : kFixtureParameters) ExpectNear<T>(*last.at(name), fixture, tolerance);
    EXPECT_EQ(fixture.AtEnd(), is_adam);
  }
}

// A loss or gradient is the end of a chain of sums, none longer than 64 terms (the pixels of a batch), of numbers near
// 1: off by at most some 200 units of rounding. A step adds that error, times at most 0.1 / (1 - 0.9) = 1, to the
// parameters, and ten steps add up; what the error does to the next gradients, which change by less than 10 times what
// the parameters do, is the last factor.
constexpr double kUnits = 200 * 10 * 10;

TEST(TrainingStep, HasTheLossesAndGradientsOfPyTorchInDouble) {
  ExpectPyTorchSteps<double>(kUnits * 0x1p-53);
}

TEST(TrainingStep, HasTheLossesAndGradientsOfPyTorchInFloat) {
  ExpectPyTorchSteps<float>(kUnits * 0x1p-24);
}

// A step of the network of bars on four pictures of noise with the labels 0 to 3.
struct BarsStep {
  explicit BarsStep(const TrainingGoal& goal = {}, const Optimizer& optimizer = SGD{},
                    const Model& model = BarsNetwork())
      : step(model.graph(), goal, model.parameters(), optimizer) {
    Fill(step.LearningInputs(4));
    Fill(step.EvaluationInputs(4));
  }

  static void Fill(const TrainingStep::Inputs& inputs) {
    Random random(9, "pictures");
    for (float& value : inputs.pictures.view().span()) value = random.Normal();
    if (inputs.target.dtype() != DType::kInt32) return;
    for (int32_t i = 0; i < 4; ++i) inputs.target.data<int32_t>()[i] = i;
  }

  double Learn(double rate = 0.1) { return step.Learn(4, {}, rate).loss; }

  TrainingStep step;
};

std::vector<float> ValuesOf(const NamedTensors& tensors) {
  std::vector<float> all;
  for (const auto& [name, tensor] : tensors) {
    all.insert(all.end(), tensor->view().span().begin(), tensor->view().span().end());
  }
  return all;
}

TEST(TrainingStep, MakesTheLossSmaller) {
  BarsStep bars;
  const double before = bars.step.Evaluate(4).loss;
  EXPECT_EQ(bars.Learn(), before);  // the loss is that before the update
  EXPECT_LT(bars.step.Evaluate(4).loss, before);
}

TEST(TrainingStep, LeavesFrozenParametersAsTheyAre) {
  TrainingGoal goal;
  goal.rules.parameters["conv/kernel"].trainable = false;
  BarsStep bars(goal);
  const NamedTensors before = bars.step.Parameters();
  bars.Learn();
  const NamedTensors after = bars.step.Parameters();
  EXPECT_EQ(ValuesOf({{"k", before.at("conv/kernel")}}), ValuesOf({{"k", after.at("conv/kernel")}}));
  EXPECT_NE(ValuesOf({{"k", before.at("dense/kernel")}}), ValuesOf({{"k", after.at("dense/kernel")}}));
}

TEST(TrainingStep, RegularizersAddToTheLossAndPullAtTheParameter) {
  TrainingGoal goal;
  goal.rules.parameters["dense/kernel"] = {.l1 = 0.01, .l2 = 0.1};
  BarsStep plain, regularized(goal);
  const NamedTensors first = plain.step.Parameters();
  double penalty = 0;
  std::vector<float> pull;
  for (const float w : first.at("dense/kernel")->view().span()) {
    penalty += 0.01 * std::abs(w) + 0.1 * static_cast<double>(w) * w;
    pull.push_back(0.1f * (0.01f * (w > 0 ? 1 : -1) + 0.2f * w));
  }
  EXPECT_NEAR(regularized.Learn() - plain.Learn(), penalty, 1e-6);
  const double evaluated = regularized.step.Evaluate(4).loss;  // part of the loss of an evaluation too
  EXPECT_NEAR(evaluated, regularized.Learn(), 1e-6);
  BarsStep again(goal);
  again.Learn();
  const NamedTensors with = again.step.Parameters(), without = plain.step.Parameters();
  for (size_t i = 0; i < pull.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    EXPECT_NEAR(with.at("dense/kernel")->data()[at], without.at("dense/kernel")->data()[at] - pull[i], 1e-6);
  }
}

TEST(TrainingStep, ActivityRegularizersCountAMeanOverTheBatch) {
  TrainingGoal goal;
  goal.rules.activities = {{.tensor = "pool", .l2 = 0.5}};
  BarsStep plain, regularized(goal);
  plain.step.Watch({"pool"});
  const double loss = plain.step.LearnWatching(4, {}, 0.1).loss;
  const NamedTensors watched = plain.step.Watched();
  double penalty = 0;
  for (const float value : watched.at("pool")->view().span()) {
    penalty += 0.5 * static_cast<double>(value) * value / 4;
  }
  EXPECT_GT(penalty, 0);
  EXPECT_NEAR(regularized.Learn() - loss, penalty, 1e-5);
  EXPECT_NE(ValuesOf(plain.step.Parameters()), ValuesOf(regularized.step.Parameters()));
}

TEST(TrainingStep, ConstraintsHoldAfterTheStep) {
  TrainingGoal goal;
  goal.rules.parameters["dense/kernel"].constraint = NonNeg{};
  BarsStep bars(goal);
  bars.Learn();
  const NamedTensors parameters = bars.step.Parameters();
  const auto span = parameters.at("dense/kernel")->view().span();
  EXPECT_GE(*std::min_element(span.begin(), span.end()), 0);
}

TEST(TrainingStep, WeighsSamples) {
  BarsStep all, half;
  std::vector<double>& weights = half.step.LearningInputs(4).weights;
  weights = {0, 2, 0, 0};
  // Only sample 1, twice: as a batch of one with weight 1/2.
  BarsStep one;
  const TrainingStep::Inputs from = one.step.LearningInputs(4), single = one.step.LearningInputs(1);
  std::copy_n(from.pictures.data() + 36, 36, single.pictures.data());
  single.target.data<int32_t>()[0] = 1;
  single.weights[0] = 0.5;
  EXPECT_NEAR(half.Learn(), one.step.Learn(1, {}, 0.1).loss, 1e-6);
  EXPECT_THAT(ValuesOf(half.step.Parameters()),
              ::testing::Pointwise(::testing::FloatNear(1e-6f), ValuesOf(one.step.Parameters())));
}

TEST(TrainingStep, WatchingChangesNoBit) {
  BarsStep plain({}, Adam{}), watching({}, Adam{});
  watching.step.Watch({"conv/pre_activation", "conv", "dense", "gradient/conv/kernel", "dense/kernel", "input"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(plain.Learn(), watching.step.LearnWatching(4, {}, 0.1).loss);
    EXPECT_EQ(watching.step.Watched().size(), 6u);
  }
  EXPECT_EQ(ValuesOf(plain.step.Parameters()), ValuesOf(watching.step.Parameters()));
  EXPECT_THROW(watching.step.Watch({"convolution"}), Error);
}

TEST(TrainingStep, SaysWhereNumbersStoppedBeingFinite) {
  const auto error_of = [](BarsStep& bars) -> std::string {
    try {
      bars.Learn();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  BarsStep input;
  input.step.LearningInputs(4).pictures.data()[3] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> before = ValuesOf(input.step.Parameters());
  EXPECT_THAT(error_of(input), HasSubstr("received nan, where the first tensor that is not finite is the network's "
                                         "input, input"));
  EXPECT_EQ(ValuesOf(input.step.Parameters()), before);  // the last good ones

  BarsStep overflow;
  overflow.step.LearningInputs(4).pictures.data()[3] = 3e38f;
  NamedTensors large = overflow.step.Parameters();
  large["conv/kernel"] = Share(FirstWeights({3, 3, 1, 4}, 1000, "large"));
  overflow.step.SetParameters(large);
  EXPECT_THAT(error_of(overflow), HasSubstr("is conv/pre_activation, of node conv/pre_activation (Conv)"));

  BarsStep diverges;
  EXPECT_NO_THROW(diverges.Learn());
  try {
    diverges.Learn(1e39);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("parameters stay finite numbers; received conv/bias with others"));
  }
}

TEST(TrainingStep, NeedsSomethingThatLearns) {
  TrainingGoal goal;
  for (const char* name : {"conv/kernel", "conv/bias", "dense/kernel", "dense/bias"}) {
    goal.rules.parameters[name].trainable = false;
  }
  EXPECT_THROW(BarsStep{goal}, Error);
}

}  // namespace
}  // namespace convscope
