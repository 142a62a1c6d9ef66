#include "convscope/kernels/parameter_update.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/parameter_update.h"

namespace convscope {
namespace {

struct Named {
  std::string name;
  ParameterUpdate update;
};

// Every rule in every form.
std::vector<Named> Updates() {
  std::vector<Named> all = {
      {"sgd", {.kind = UpdateKind::kSgd}},
      {"momentum", {.kind = UpdateKind::kSgd, .momentum = 0.9}},
      {"nesterov", {.kind = UpdateKind::kSgd, .momentum = 0.9, .nesterov = true}},
      {"adagrad", {.kind = UpdateKind::kAdagrad, .epsilon = 1e-7}},
      {"adadelta", {.kind = UpdateKind::kAdadelta, .rho = 0.95, .epsilon = 1e-7}},
      {"adam", {.kind = UpdateKind::kAdam, .beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-7}},
      {"amsgrad", {.kind = UpdateKind::kAdam, .beta_1 = 0.9, .beta_2 = 0.999, .amsgrad = true, .epsilon = 1e-7}}};
  for (const bool centered : {false, true}) {
    for (const double momentum : {0.0, 0.8}) {
      all.push_back(
          {"rmsprop",
           {.kind = UpdateKind::kRmsProp, .momentum = momentum, .rho = 0.9, .centered = centered, .epsilon = 1e-7}});
    }
  }
  for (Named& named : all) named.update.learning_rate = 0.01;
  const size_t plain = all.size();
  for (size_t i = 0; i < plain; ++i) {
    Named changed = all[i];
    changed.name += " with decay and clipping";
    changed.update.keep = 0.996;
    changed.update.gradient_scale = 0.25;
    changed.update.gradient_limit = 0.3;
    all.push_back(changed);
  }
  return all;
}

// A parameter, its gradient and states as they may be after some steps: the squares hold more than the mean's square.
template <typename T>
struct Arrays {
  std::vector<T> gradient, parameter;
  std::vector<std::vector<T>> states;

  Arrays(const ParameterUpdate& update, int64_t count) {
    Random random(5, "update");
    for (int64_t i = 0; i < count; ++i) {
      gradient.push_back(random.Normal());
      parameter.push_back(random.Normal());
    }
    for (const std::string_view name : update.StateNames()) {
      std::vector<T>& state = states.emplace_back();
      const bool signed_state = name == "mean" || name == "velocity";
      for (int64_t i = 0; i < count; ++i) {
        state.push_back(signed_state ? 0.3f * random.Uniform(-1, 1) : random.Uniform(0.1f, 1));
      }
    }
  }

  std::vector<T*> StatePointers() {
    std::vector<T*> pointers;
    for (std::vector<T>& state : states) pointers.push_back(state.data());
    return pointers;
  }
};

// One step from the same numbers. Squares and variances here are at least 0.01, so a step is at most 0.01 * 3 / 0.1 and
// the states are below 10. Each new number is the result of at most 8 roundings, of which none meets a difference that
// is 10 times smaller than its terms but the variance, 0.1 - 0.09: 8 units of 10, and 10 times that in the step.
constexpr double kTolerance = 8 * 10 * 0x1p-24;

TEST(ParameterUpdate, MatchesTheReferenceOnEveryTarget) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Named& named : Updates()) {
      for (const int64_t count : {1, 3, 4, 7, 8, 16, 31, 67}) {
        SCOPED_TRACE(named.name + ", " + std::to_string(count));
        Arrays<float> fast(named.update, count);
        Arrays<double> slow(named.update, count);
        EXPECT_TRUE(UpdateParameter(named.update, fast.gradient.data(), fast.parameter.data(),
                                    fast.StatePointers().data(), count));
        EXPECT_TRUE(reference::UpdateParameter(named.update, slow.gradient.data(), slow.parameter.data(),
                                               slow.StatePointers().data(), count));
        for (size_t i = 0; i < fast.parameter.size(); ++i) {
          ASSERT_NEAR(fast.parameter[i], slow.parameter[i], kTolerance) << i;
          for (size_t k = 0; k < fast.states.size(); ++k) {
            ASSERT_NEAR(fast.states[k][i], slow.states[k][i], kTolerance) << "state " << k << ", " << i;
          }
        }
      }
    }
  });
}

TEST(ParameterUpdate, ANumberMovesAlikeAtEveryPlaceAndNothingPastTheEnd) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Named& named : Updates()) {
      SCOPED_TRACE(named.name);
      constexpr int64_t kCount = 39;
      Arrays<float> together(named.update, kCount + 1);
      Arrays<float> alone = together;
      const float beyond = together.parameter.back();
      UpdateParameter(named.update, together.gradient.data(), together.parameter.data(),
                      together.StatePointers().data(), kCount);
      for (int64_t i = 0; i < kCount; ++i) {
        std::vector<float*> states = alone.StatePointers();
        for (float*& state : states) state += i;
        UpdateParameter(named.update, &alone.gradient[i], &alone.parameter[i], states.data(), 1);
      }
      EXPECT_EQ(together.parameter, alone.parameter);
      EXPECT_EQ(together.states, alone.states);
      EXPECT_EQ(together.parameter.back(), beyond);
    }
  });
}

TEST(ParameterUpdate, TellsWhetherParametersStayFinite) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      for (const int64_t count : {1, 5, 16, 37}) {
        for (int64_t place = 0; place < count; ++place) {
          std::vector<float> gradient(static_cast<size_t>(count), 1), parameter(gradient.size(), 2);
          gradient[static_cast<size_t>(place)] = bad;
          const ParameterUpdate update{.kind = UpdateKind::kSgd, .learning_rate = 1};
          EXPECT_FALSE(UpdateParameter(update, gradient.data(), parameter.data(), nullptr, count));
          parameter.assign(gradient.size(), 2);
          EXPECT_FALSE(reference::UpdateParameter<float>(update, gradient.data(), parameter.data(), nullptr, count));
        }
      }
    }
  });
}

TEST(ParameterUpdate, DoesNotCountADivisionByZeroPastTheEnd) {
  // 0 / 0 in the lanes behind the last number says nothing of the numbers.
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    std::vector<float> gradient = {1, 2, 3}, parameter = {1, 1, 1}, sum = {1, 1, 1};
    float* states[] = {sum.data()};
    EXPECT_TRUE(UpdateParameter({.kind = UpdateKind::kAdagrad, .learning_rate = 1}, gradient.data(), parameter.data(),
                                states, 3));
  });
}

TEST(ParameterUpdate, ClippingKeepsNaN) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    std::vector<float> gradient(9, std::numeric_limits<float>::quiet_NaN()), parameter(9, 1);
    const ParameterUpdate update{.learning_rate = 1, .gradient_limit = 0.5};
    EXPECT_FALSE(UpdateParameter(update, gradient.data(), parameter.data(), nullptr, 9));
    for (const float value : parameter) EXPECT_TRUE(std::isnan(value));
  });
}

TEST(SumOfSquares, MatchesTheReferenceOnEveryTarget) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    Random random(6, "squares");
    for (const int64_t count : {0, 1, 3, 8, 16, 33, 1000}) {
      std::vector<float> values(static_cast<size_t>(count));
      for (float& value : values) value = random.Normal();
      // Squares of floats are exact in double; n additions of positive terms, each rounded once.
      const double want = reference::SumOfSquares(values.data(), count);
      EXPECT_NEAR(SumOfSquares(values.data(), count), want, 2 * static_cast<double>(count) * 0x1p-53 * want);
    }
  });
}

}  // namespace
}  // namespace convscope
