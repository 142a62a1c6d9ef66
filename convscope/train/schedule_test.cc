#include "convscope/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/error.h"

namespace convscope {
namespace {

TEST(Schedule, IsConstantUnlessItIsTold) {
  EXPECT_EQ(Factor({}, 0), 1);
  EXPECT_EQ(Factor({}, 1'000'000), 1);
}

TEST(Schedule, FallsInSteps) {
  const Schedule schedule{.decay = StepDecay{.every_steps = 10, .factor = 0.5}};
  EXPECT_EQ(Factor(schedule, 9), 1);
  EXPECT_EQ(Factor(schedule, 10), 0.5);
  EXPECT_EQ(Factor(schedule, 29), 0.25);
}

// Keras: initial_learning_rate * decay_rate ^ (step / decay_steps)
TEST(Schedule, FallsExponentially) {
  Schedule schedule{.decay = ExponentialDecay{.decay_steps = 100, .factor = 0.96}};
  EXPECT_DOUBLE_EQ(Factor(schedule, 50), std::sqrt(0.96));
  EXPECT_DOUBLE_EQ(Factor(schedule, 100), 0.96);
  schedule.decay = ExponentialDecay{.decay_steps = 100, .factor = 0.96, .staircase = true};
  EXPECT_EQ(Factor(schedule, 99), 1);
  EXPECT_DOUBLE_EQ(Factor(schedule, 250), 0.96 * 0.96);
}

// Keras: (1 - alpha) * (1 + cos(pi step / decay_steps)) / 2 + alpha
TEST(Schedule, FallsAlongHalfACosineAndStaysThere) {
  const Schedule schedule{.decay = CosineDecay{.decay_steps = 90, .alpha = 0.1}};
  EXPECT_DOUBLE_EQ(Factor(schedule, 0), 1);
  EXPECT_NEAR(Factor(schedule, 30), 0.9 * 0.75 + 0.1, 1e-15);
  EXPECT_NEAR(Factor(schedule, 45), 0.55, 1e-15);
  EXPECT_NEAR(Factor(schedule, 90), 0.1, 1e-15);
  EXPECT_EQ(Factor(schedule, 1000), Factor(schedule, 90));
}

TEST(Schedule, WarmsUpBeforeItDecays) {
  const Schedule schedule{.decay = StepDecay{.every_steps = 5, .factor = 0.5}, .warmup_steps = 4, .warmup_from = 0.2};
  EXPECT_DOUBLE_EQ(Factor(schedule, 0), 0.2);
  EXPECT_DOUBLE_EQ(Factor(schedule, 2), 0.6);
  EXPECT_DOUBLE_EQ(Factor(schedule, 4), 1);
  EXPECT_DOUBLE_EQ(Factor(schedule, 8), 1);
  EXPECT_DOUBLE_EQ(Factor(schedule, 9), 0.5);
}

TEST(Schedule, RefusesNumbersOutOfRange) {
  EXPECT_THROW(Check({.decay = StepDecay{.every_steps = 0}}), Error);
  EXPECT_THROW(Check({.decay = ExponentialDecay{.decay_steps = 0}}), Error);
  EXPECT_THROW(Check({.decay = CosineDecay{.alpha = -1}}), Error);
  EXPECT_THROW(Check({.decay = {}, .warmup_steps = -1}), Error);
  EXPECT_THROW(Check({.decay = {}, .warmup_from = NAN}), Error);
  EXPECT_NO_THROW(Check({.decay = CosineDecay{}, .warmup_steps = 10}));
}

}  // namespace
}  // namespace convscope
