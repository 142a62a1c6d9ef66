#include "convscope/graph/batch_normalization_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/error.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Inference(const BatchNormalizationOp& op, const Shape& x) {
  GraphBuilder builder;
  std::vector<std::string> inputs = {"x"};
  builder.Input("x", {x});
  const auto add = [&](const char* name) {
    builder.Parameter(name, {{x.back()}});
    inputs.push_back(name);
  };
  if (op.scale) add("bn/gamma");
  if (op.center) add("bn/beta");
  add("bn/moving_mean");
  add("bn/moving_variance");
  builder.Add("bn", op, inputs);
  return builder.Build();
}

std::vector<BatchNormalizationOp> Forms() {
  return {{}, {.center = false}, {.scale = false}, {.epsilon = 0.1, .center = false, .scale = false}};
}

TEST(BatchNormalization, UsesTheMovingStatisticsInInference) {
  // Channel 0: (x - 1) / sqrt(3.99 + 0.01) * 2 + 10; channel 1: x / sqrt(0.99 + 0.01) * 1 - 1.
  const Model model(Inference({.epsilon = 0.01}, {2, 2}),
                    {{"bn/gamma", Share(Tensor::Of({2}, {2, 1}))},
                     {"bn/beta", Share(Tensor::Of({2}, {10, -1}))},
                     {"bn/moving_mean", Share(Tensor::Of({2}, {1, 0}))},
                     {"bn/moving_variance", Share(Tensor::Of({2}, {3.99f, 0.99f}))}});
  const Trace trace(model, {{"x", Share(Tensor::Of({2, 2}, {1, 5, 4, -3}))}});
  const float expected[] = {10, 4, 13, -4};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(trace["bn"].data()[i], expected[i], 2e-6) << i;
}

TEST(BatchNormalization, UsesTheStatisticsOfTheBatchWhileItLearns) {
  // One channel, 1, 2, 3, 6: mean 3, biased variance (4 + 1 + 0 + 9) / 4 = 3.5.
  const BatchNormalizationOp op{.epsilon = 0.5, .momentum = 0.9, .center = false, .scale = false};
  const Rebuilt training = Rebuild(Inference(op, {2, 2, 1}), {.training = true});
  EXPECT_EQ(training.updates,
            (std::map<std::string, std::string, std::less<>>{{"bn/moving_mean", "bn/moving_mean/updated"},
                                                             {"bn/moving_variance", "bn/moving_variance/updated"}}));
  const Model model(training.builder.Build(), {{"bn/moving_mean", Share(Tensor::Of({1}, {20}))},
                                               {"bn/moving_variance", Share(Tensor::Of({1}, {1}))}});
  const Trace trace(model, {{"x", Share(Tensor::Of({2, 2, 1}, {1, 2, 3, 6}))}});
  const float expected[] = {-1, -0.5f, 0, 1.5f};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(trace["bn"].data()[i], expected[i], 1e-6) << i;
  EXPECT_FLOAT_EQ(trace["bn/batch_mean"].data()[0], 3);
  EXPECT_FLOAT_EQ(trace["bn/batch_variance"].data()[0], 3.5f);
  EXPECT_FLOAT_EQ(trace["bn/moving_mean/updated"].data()[0], 0.9f * 20 + 0.1f * 3);
  EXPECT_FLOAT_EQ(trace["bn/moving_variance/updated"].data()[0], 0.9f + 0.1f * 3.5f);
}

TEST(BatchNormalization, UsedTwiceMovesItsStatisticsTwice) {
  const BatchNormalizationOp op{.momentum = 0.5, .center = false, .scale = false};
  GraphBuilder layers(Inference(op, {2, 1}));
  layers.Add("again", op, {"bn", "bn/moving_mean", "bn/moving_variance"});
  const Rebuilt training = Rebuild(layers.Build(), {.training = true});
  const Model model(training.builder.Build(), {{"bn/moving_mean", Share(Tensor::Of({1}, {8}))},
                                               {"bn/moving_variance", Share(Tensor::Of({1}, {16}))}});
  const Trace trace(model, {{"x", Share(Tensor::Of({2, 1}, {2, 4}))}});
  // The first batch has mean 3 and variance 1, the second, which is the first's output, nearly 0 and 1.
  EXPECT_NEAR(trace[training.updates.at("bn/moving_mean")].data()[0], (8 * 0.5 + 3 * 0.5) * 0.5, 1e-6);
  EXPECT_NEAR(trace[training.updates.at("bn/moving_variance")].data()[0], (16 * 0.5 + 1 * 0.5) * 0.5 + 0.5, 1e-3);
}

TEST(BatchNormalization, HasTheGradientsOfDifferences) {
  Random random(1, "variance");
  for (const BatchNormalizationOp& op : Forms()) {
    for (const Shape& shape : {Shape{5, 3}, Shape{2, 3, 2, 4}}) {
      const Graph graph = Inference(op, shape);
      const NamedTensors given = {{"bn/moving_variance", Share(DistinctNoise({shape.back()}, random, 0.5, 2))}};
      ExpectGradientsMatchDifferences(graph, "bn", given);
      const Graph training = Rebuild(graph, {.training = true}).builder.Build();
      ExpectGradientsMatchDifferences(training, "bn", given);
    }
  }
}

TEST(BatchNormalization, IsAsPreciseInFloat) {
  for (const BatchNormalizationOp& op : Forms()) {
    for (const Shape& shape : {Shape{64, 3}, Shape{4, 9, 9, 20}}) {
      const Graph graph = Inference(op, shape);
      // In [0.5, 1]: the inverse root is below 1.5. Some ten roundings, and sums of 64 terms below 2 in float32, over
      // up to 324 values.
      ExpectFloatMatchesDouble(graph, "bn", 128, {}, 0.5f, 1);
      ExpectFloatMatchesDouble(Rebuild(graph, {.training = true}).builder.Build(), "bn", 512, {}, 0.5f, 1);
    }
  }
}

TEST(BatchNormalization, IsDoneWhileAConvolutionWritesWithTheSameBits) {
  for (const BatchNormalizationOp& op : Forms()) {
    const Graph normalization = Inference(op, {2, 7, 9, 20});
    GraphBuilder builder;
    builder.Input("x", {{2, 9, 11, 3}});
    builder.Parameter("kernel", {{3, 3, 3, 20}});
    builder.Add("conv", ConvOp{}, {"x", "kernel"});
    NamedTensors parameters, inputs;
    Random random(1, "fused");
    std::vector<std::string> names = {"conv"};
    for (const GraphTensor& tensor : normalization.tensors()) {
      if (tensor.role != TensorRole::kParameter) continue;
      builder.Input(tensor.name, tensor.type);  // a parameter would go into the kernel
      names.push_back(tensor.name);
    }
    builder.Add("bn", op, names);
    for (const GraphTensor& tensor : builder.graph().tensors()) {
      if (tensor.role == TensorRole::kComputed) continue;
      Tensor values(tensor.type.shape);
      for (float& value : values.view().span()) value = random.Uniform(0.5f, 2);
      (tensor.role == TensorRole::kInput ? inputs : parameters)[tensor.name] = Share(std::move(values));
    }
    const Model model(builder.Build(), parameters);
    convscope::Run run(model, {"bn"});
    EXPECT_EQ(run.StepCount(), 1);
    run(inputs);
    const Trace trace(model, inputs);
    for (int64_t i = 0; i < trace["bn"].size(); ++i) ASSERT_EQ(run["bn"].data()[i], trace["bn"].data()[i]) << i;
  }
}

TEST(BatchNormalization, PassesGradientsOfItsFirstOutputAlone) {
  GraphBuilder builder = Rebuild(Inference({}, {4, 2}), {.training = true}).builder;
  builder.Input("seed", {{2}});
  EXPECT_THAT(
      [&] {
        AddGradients(builder, {{"bn/batch_mean", "seed"}}, {"x"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("first output"), HasSubstr("bn/batch_mean"))));
}

TEST(BatchNormalization, RefusesOtherShapesAndNumbers) {
  EXPECT_THAT([] { Inference({.epsilon = 0}, {4, 2}); }, ThrowsMessage<Error>(HasSubstr("epsilon is above 0")));
  EXPECT_THAT([] { Inference({.momentum = 1.5}, {4, 2}); }, ThrowsMessage<Error>(HasSubstr("momentum")));
  GraphBuilder builder;
  builder.Input("x", {{4, 2}});
  builder.Parameter("c", {{3}});
  EXPECT_THAT(
      [&] {
        builder.Add("bn", BatchNormalizationOp{}, {"x", "c", "c", "c", "c"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("(2,)"), HasSubstr("(3,)"))));
  EXPECT_THAT(
      [&] {
        builder.Add("bn", BatchNormalizationOp{}, {"x", "c", "c"});
      },
      ThrowsMessage<Error>(HasSubstr("5 inputs")));
}

}  // namespace
}  // namespace convscope
