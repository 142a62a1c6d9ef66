#include "convscope/train/parameter_updater.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/train/internal/fixture_check.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// The list of scripts/make_training_fixtures.py, in its order.
std::vector<Optimizer> FixtureOptimizers() {
  return {SGD{},
          SGD{.learning_rate = 0.1, .momentum = 0.9},
          SGD{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01},
          SGD{.learning_rate = 0.1, .clipping = {.value = 0.5}},
          SGD{.learning_rate = 0.1, .clipping = {.norm = 1}},
          SGD{.learning_rate = 0.1, .clipping = {.global_norm = 2}},
          Adagrad{},
          Adagrad{.learning_rate = 0.1, .weight_decay = 0.02},
          Adadelta{},
          Adadelta{.learning_rate = 1, .rho = 0.9},
          RMSprop{},
          RMSprop{.learning_rate = 0.01, .momentum = 0.9},
          RMSprop{.learning_rate = 0.01, .centered = true},
          RMSprop{.learning_rate = 0.01, .momentum = 0.8, .centered = true, .clipping = {.global_norm = 1}},
          Adam{},
          Adam{.learning_rate = 0.01, .beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-3},
          Adam{.learning_rate = 0.01, .amsgrad = true, .clipping = {.norm = 1}},
          AdamW{},
          AdamW{.learning_rate = 0.01, .weight_decay = 0.1}};
}

constexpr int kSteps = 8;
constexpr int64_t kLengths[2] = {5, 8};

// The numbers of one row of the fixture as tensors (5,) and (8,).
template <typename T>
std::vector<Tensor> TwoTensors(Fixture& fixture) {
  std::vector<Tensor> tensors;
  for (const int64_t length : kLengths) {
    tensors.emplace_back(Shape{length}, DTypeOf<T>());
    for (int64_t i = 0; i < length; ++i) tensors.back().data<T>()[i] = static_cast<T>(fixture.Next());
  }
  return tensors;
}

template <typename T>
void ExpectKerasParameters(double tolerance) {
  Fixture fixture("optimizers.bin");
  std::vector<std::vector<Tensor>> gradients;
  for (int step = 0; step < kSteps; ++step) gradients.push_back(TwoTensors<T>(fixture));
  for (const Optimizer& optimizer : FixtureOptimizers()) {
    std::vector<Tensor> parameters;
    for (const int64_t length : kLengths) parameters.emplace_back(Shape{length}, DTypeOf<T>());
    for (int64_t i = 0; i < 5; ++i) parameters[0].data<T>()[i] = static_cast<T>(i + 1) / 5;
    for (int64_t i = 0; i < 8; ++i) parameters[1].data<T>()[i] = -static_cast<T>(i + 1) / 8;
    // Keras rounds the norm of a gradient to float32 where it shortens it: a relative error of each step.
    const GradientClipping clipping = Clipping(optimizer);
    const double allowed = tolerance + (clipping.norm > 0 || clipping.global_norm > 0 ? 8 * 0.5 * 0x1p-24 : 0);
    ParameterUpdater updater(optimizer, {{"a", {{5}, DTypeOf<T>()}}, {"b", {{8}, DTypeOf<T>()}}});
    for (int step = 0; step < kSteps; ++step) {
      SCOPED_TRACE(std::string(Name(optimizer)) + ", step " + std::to_string(step + 1));
      const std::vector<ParameterUpdater::Moved> moved = {{&parameters[0], &gradients[step][0]},
                                                          {&parameters[1], &gradients[step][1]}};
      EXPECT_EQ(updater.Step(moved, LearningRate(optimizer)), "");
      for (const Tensor& parameter : parameters) {
        for (int64_t i = 0; i < parameter.size(); ++i) {
          ASSERT_NEAR(parameter.data<T>()[i], fixture.Next(), allowed) << i;
        }
      }
    }
  }
  EXPECT_TRUE(fixture.AtEnd());
}

// Parameters are near 1 and every step moves them by less than 0.5, so 8 steps of up to 10 roundings each are off by at
// most 80 units of the type's rounding.
TEST(ParameterUpdater, GivesTheParametersOfKerasInDouble) {
  ExpectKerasParameters<double>(80 * 0x1p-53);
}

// As above; but where a step divides by a root, its relative error is that of a gradient's difference from a mean, some
// 10 times larger.
TEST(ParameterUpdater, GivesTheParametersOfKerasInFloat) {
  ExpectKerasParameters<float>(10 * 80 * 0x1p-24);
}

Tensor Noise(int64_t count, const std::string& purpose) {
  Tensor tensor(Shape{count});
  Random random(3, purpose);
  for (float& value : tensor.view().span()) value = random.Normal();
  return tensor;
}

TEST(ParameterUpdater, GivesTheSameBitsAtAnyNumberOfThreads) {
  const std::vector<int64_t> lengths = {3, 40000, 100001};
  for (const Optimizer& optimizer :
       {Optimizer(Adam{.clipping = {.global_norm = 1}}), Optimizer(SGD{.clipping = {.norm = 1}})}) {
    std::vector<std::vector<float>> want;
    for (const int threads : {1, 2, 5}) {
      SetThreadCount(threads);
      std::map<std::string, TensorType, std::less<>> types;
      std::vector<Tensor> parameters, gradients;
      std::vector<ParameterUpdater::Moved> moved;
      for (const int64_t length : lengths) {
        types[std::to_string(types.size())] = {{length}};
        parameters.push_back(Noise(length, "parameter"));
        gradients.push_back(Noise(length, "gradient"));
      }
      for (size_t i = 0; i < lengths.size(); ++i) moved.push_back({&parameters[i], &gradients[i]});
      ParameterUpdater updater(optimizer, types);
      for (int step = 0; step < 3; ++step) updater.Step(moved, 0.1);
      std::vector<std::vector<float>> got;
      for (const Tensor& parameter : parameters) {
        got.emplace_back(parameter.view().span().begin(), parameter.view().span().end());
      }
      if (threads == 1) want = got;
      EXPECT_EQ(got, want) << threads << " threads";
    }
  }
  SetThreadCount(0);
}

TEST(ParameterUpdater, NamesTheFirstParameterThatIsNotFinite) {
  ParameterUpdater updater(SGD{}, {{"a", {{40000}}}, {"b", {{40000}}}, {"c", {{3}}}});
  Tensor parameters[3] = {Noise(40000, "a"), Noise(40000, "b"), Noise(3, "c")};
  Tensor gradients[3] = {Noise(40000, "ga"), Noise(40000, "gb"), Noise(3, "gc")};
  const std::vector<ParameterUpdater::Moved> moved = {
      {&parameters[0], &gradients[0]}, {&parameters[1], &gradients[1]}, {&parameters[2], &gradients[2]}};
  EXPECT_EQ(updater.Step(moved, 1), "");
  gradients[1].data()[39999] = std::numeric_limits<float>::infinity();
  gradients[2].data()[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(updater.Step(moved, 1), "b");
}

TEST(ParameterUpdater, AnUnboundedGradientIsNotHiddenByClipping) {
  for (const GradientClipping& clipping : {GradientClipping{.norm = 1}, GradientClipping{.global_norm = 1}}) {
    for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      ParameterUpdater updater(SGD{.clipping = clipping}, {{"a", {{4}}}});
      Tensor parameter = Noise(4, "a"), gradient = Noise(4, "g");
      gradient.data()[2] = bad;
      EXPECT_EQ(updater.Step(std::vector<ParameterUpdater::Moved>{{&parameter, &gradient}}, 1), "a");
    }
  }
}

TEST(ParameterUpdater, GoesOnFromItsStates) {
  const std::map<std::string, TensorType, std::less<>> types = {{"a", {{9}}}};
  for (const Optimizer& optimizer : FixtureOptimizers()) {
    Tensor whole = Noise(9, "a"), gradient = Noise(9, "g");
    ParameterUpdater uninterrupted(optimizer, types);
    const auto step = [&](ParameterUpdater& updater, Tensor& parameter) {
      updater.Step(std::vector<ParameterUpdater::Moved>{{&parameter, &gradient}}, 0.1);
    };
    for (int i = 0; i < 3; ++i) step(uninterrupted, whole);
    NamedTensors saved;
    for (const auto& [name, state] : uninterrupted.states()) saved[name] = Share(state.Clone());
    Tensor resumed = whole.Clone();
    ParameterUpdater second(optimizer, types);
    second.Restore(uninterrupted.steps(), saved);
    EXPECT_EQ(second.steps(), 3);
    for (int i = 0; i < 2; ++i) {
      step(uninterrupted, whole);
      step(second, resumed);
    }
    EXPECT_TRUE(std::equal(whole.data(), whole.data() + 9, resumed.data())) << Name(optimizer);
  }
}

TEST(ParameterUpdater, RefusesTheStatesOfAnotherNetwork) {
  ParameterUpdater updater(Adam{}, {{"a", {{4}}}});
  const auto error_of = [&](const NamedTensors& states) -> std::string {
    try {
      updater.Restore(1, states);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const SharedTensor four = Share(Tensor::Zeros({4})), five = Share(Tensor::Zeros({5}));
  EXPECT_EQ(error_of({{"a/mean", four}, {"a/square", four}}), "no error");
  EXPECT_THAT(error_of({{"a/mean", four}}), HasSubstr("it has a/square (4,) float32; received none of this name"));
  EXPECT_THAT(error_of({{"a/mean", five}, {"a/square", four}}), HasSubstr("received (5,) float32"));
  EXPECT_THAT(error_of({{"a/mean", four}, {"a/square", four}, {"b", four}}), HasSubstr("received b"));
  EXPECT_EQ(updater.steps(), 1);
}

}  // namespace
}  // namespace convscope
