#include "convscope/kernels/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/activation.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Every activation but those of rows, with both forms of gelu and parameters other than the defaults.
std::vector<Activation> Elementwise() {
  std::vector<Activation> all;
  for (const std::string& name : ActivationNames()) {
    if (!IsOfRows(ParseActivation(name).kind)) all.push_back(ParseActivation(name));
  }
  for (const char* text : {"gelu:tanh", "leaky_relu:0.01", "leaky_relu:-3", "elu:1.7", "hard_sigmoid:0.2:0.5",
                           "celu:0.3", "thresholded_relu:0", "thresholded_relu:-1.5"}) {
    all.push_back(ParseActivation(text));
  }
  return all;
}

// The error that activation.h promises, for the exact value `want` of f(x).
double Tolerance(const Activation& activation, double x, double want) {
  double units = 4;
  double absolute = std::abs(x) * 0x1p-148;  // x times a factor that is subnormal, so has few digits
  if (activation.kind == ActivationKind::kGelu) {
    const double u = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
    units = activation.approximate ? 4 + 3 * std::abs(2 * u) : 10;
  }
  if (activation.kind == ActivationKind::kHardSigmoid) absolute = 0x1p-22;
  return units * 0x1p-23 * std::abs(want) + absolute + 0x1p-148;
}

TEST(Activation, StaysWithinItsErrorOverAllFiniteFloatsOnEveryTarget) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 65521) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (std::isfinite(value)) x.push_back(value);
  }
  for (int i = -20000; i <= 20000; ++i) x.push_back(static_cast<float>(i) * 0.0059f);  // where they bend
  std::vector<float> y(x.size());
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      SCOPED_TRACE(Formula(activation));
      Activate(activation, x.data(), y.data(), static_cast<int64_t>(x.size()), 1);
      for (size_t i = 0; i < x.size(); ++i) {
        const double want = reference::Activate(activation, static_cast<double>(x[i]));
        if (static_cast<float>(want) == y[i]) continue;  // infinities too
        ASSERT_NEAR(y[i], want, Tolerance(activation, x[i], want)) << "x = " << x[i];
      }
    }
  });
}

TEST(Activation, ReferenceInFloatStaysNearTheReferenceInDouble) {
  Random random(7, "activation");
  for (const Activation& activation : Elementwise()) {
    for (int i = 0; i < 2000; ++i) {
      const float x = random.Uniform(-12, 12);
      const double want = reference::Activate(activation, static_cast<double>(x));
      double tolerance = Tolerance(activation, x, want);
      // Here gelu rounds x / sqrt(2) before it is squared in an exponent.
      if (activation.kind == ActivationKind::kGelu) tolerance += 2 * x * x * 0x1p-23 * std::abs(want);
      EXPECT_NEAR(reference::Activate(activation, x), want, tolerance) << Formula(activation);
    }
  }
}

TEST(Activation, AValueGivesTheSameBitsAtEveryPlaceAndInEverySplit) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      for (const int64_t count : {1, 2, 3, 5, 8, 13, 16, 31, 67}) {
        const std::vector<float> x(static_cast<size_t>(count), -1.2345f);
        std::vector<float> y(x.size() + 1, 99);
        Activate(activation, x.data(), y.data(), count, 1);
        float alone = 0;
        Activate(activation, x.data(), &alone, 1, 1);
        for (int64_t i = 0; i < count; ++i) ASSERT_EQ(y[i], alone) << Formula(activation) << " at " << i;
        ASSERT_EQ(y.back(), 99) << "wrote past the end";
      }
    }
  });
}

TEST(Activation, WorksInPlace) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const std::string& name : ActivationNames()) {
      std::vector<float> x;
      for (int i = 0; i < 51; ++i) x.push_back(static_cast<float>(i) * 0.3f - 7);
      std::vector<float> y(x.size());
      Activate(ParseActivation(name), x.data(), y.data(), 51, 17);
      Activate(ParseActivation(name), x.data(), x.data(), 51, 17);
      EXPECT_EQ(x, y) << name;
    }
  });
}

TEST(Activation, NaNComesOutAsNaN) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      const std::vector<float> x = {1, kNaN, -1, 0, 2, 3, 4, 5, 6, kNaN, 8};
      std::vector<float> y(x.size());
      Activate(activation, x.data(), y.data(), static_cast<int64_t>(x.size()), 1);
      for (size_t i = 0; i < x.size(); ++i) {
        EXPECT_EQ(std::isnan(y[i]), std::isnan(x[i])) << Formula(activation) << " at " << i;
      }
      EXPECT_TRUE(std::isnan(reference::Activate(activation, kNaN))) << Formula(activation);
    }
  });
}

TEST(Activation, InfinitiesGiveTheLimits) {
  struct Limits {
    const char* name;
    float below, above;
  };
  const Limits limits[] = {{"linear", -kInf, kInf},  {"relu", 0, kInf},
                           {"relu6", 0, 6},          {"leaky_relu", -kInf, kInf},
                           {"elu", -1, kInf},        {"selu", static_cast<float>(-kSeluScale * kSeluAlpha), kInf},
                           {"sigmoid", 0, 1},        {"hard_sigmoid", 0, 1},
                           {"tanh", -1, 1},          {"softplus", 0, kInf},
                           {"softsign", -1, 1},      {"swish", 0, kInf},
                           {"gelu", 0, kInf},        {"gelu:tanh", 0, kInf},
                           {"mish", 0, kInf},        {"exponential", 0, kInf},
                           {"hard_swish", 0, kInf},  {"thresholded_relu", 0, kInf},
                           {"celu:0.5", -0.5f, kInf}};
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Limits& limit : limits) {
      const Activation activation = ParseActivation(limit.name);
      const float x[2] = {-kInf, kInf};
      float y[2];
      Activate(activation, x, y, 2, 1);
      EXPECT_FLOAT_EQ(y[0], limit.below) << limit.name;
      EXPECT_FLOAT_EQ(y[1], limit.above) << limit.name;
      EXPECT_FLOAT_EQ(reference::Activate(activation, -kInf), limit.below) << limit.name;
      EXPECT_FLOAT_EQ(reference::Activate(activation, kInf), limit.above) << limit.name;
    }
  });
}

TEST(Activation, ReferenceGivesKnownValues) {
  const auto at = [](const char* name, double x) { return reference::Activate(ParseActivation(name), x); };
  EXPECT_NEAR(at("sigmoid", 1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(at("tanh", 0.5), 0.46211715726000973, 1e-15);
  EXPECT_NEAR(at("softplus", 1), 1.3132616875182228, 1e-15);
  EXPECT_NEAR(at("elu", -1), -0.6321205588285577, 1e-15);
  EXPECT_NEAR(at("selu", -1), -1.1113307378125625, 1e-14);
  EXPECT_NEAR(at("hard_sigmoid", 1), 2.0 / 3, 1e-7);  // its slope is the float nearest to 1/6
  EXPECT_NEAR(at("swish", 1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(at("gelu", 1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(at("gelu:tanh", 1), 0.8411919906082768, 1e-15);
  EXPECT_NEAR(at("mish", 1), 0.8650983882673103, 1e-15);
  EXPECT_NEAR(at("hard_swish", 1), 2.0 / 3, 1e-15);
  EXPECT_EQ(at("hard_swish", -3.5), 0);
  EXPECT_EQ(at("hard_swish", 4), 4);
  EXPECT_EQ(at("thresholded_relu:0.5", 0.5), 0);
  EXPECT_EQ(at("thresholded_relu:0.5", 0.75), 0.75);
  EXPECT_EQ(at("thresholded_relu:-2", -1), -1);
  EXPECT_NEAR(at("celu:2", -1), -0.7869386805747332, 1e-15);
}

TEST(Softmax, MatchesTheReferenceInRowsOfAnyLength) {
  Random random(3, "softmax");
  const Activation softmax = MakeActivation(ActivationKind::kSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t row : {1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 33, 100, 1000}) {
      std::vector<float> x(static_cast<size_t>(3 * row));
      for (float& value : x) value = 5 * random.Normal();
      x[0] = 300;  // would overflow if the maximum stayed
      const std::vector<double> wide(x.begin(), x.end());
      std::vector<float> y(x.size());
      std::vector<double> want(x.size());
      Activate(softmax, x.data(), y.data(), 3 * row, row);
      reference::Activate(softmax, wide.data(), want.data(), 3 * row, row);
      for (size_t i = 0; i < x.size(); ++i) {
        // The difference from the maximum is rounded before it becomes an exponent; the sum of n terms adds n / 2.
        const double units = 6 + std::abs(std::log(want[i] + 1e-300)) + static_cast<double>(row) / 2;
        EXPECT_NEAR(y[i], want[i], units * 0x1p-23 * want[i] + 0x1p-148) << "row of " << row << ", element " << i;
      }
    }
  });
}

TEST(LogSoftmax, MatchesTheReferenceInRowsOfAnyLengthAndInPlace) {
  Random random(3, "log softmax");
  const Activation log_softmax = MakeActivation(ActivationKind::kLogSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t row : {1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 33, 100, 1000}) {
      std::vector<float> x(static_cast<size_t>(3 * row));
      for (float& value : x) value = 5 * random.Normal();
      x[0] = 300;  // would overflow if the maximum stayed
      const std::vector<double> wide(x.begin(), x.end());
      std::vector<float> y(x.size());
      std::vector<double> want(x.size());
      Activate(log_softmax, x.data(), y.data(), 3 * row, row);
      reference::Activate(log_softmax, wide.data(), want.data(), 3 * row, row);
      for (size_t i = 0; i < x.size(); ++i) {
        // The sum is off by some units and n / 2 roundings, which its logarithm makes absolute; then two differences.
        const double units = 6 + static_cast<double>(row) / 2 + 2 * std::abs(want[i]);
        EXPECT_NEAR(y[i], want[i], units * 0x1p-23) << "row of " << row << ", element " << i;
      }
      Activate(log_softmax, x.data(), x.data(), 3 * row, row);
      EXPECT_EQ(x, y);
    }
  });
}

TEST(LogSoftmax, ANaNOrAnInfinityMakesItsRowNaNAndMinusInfinityStays) {
  const Activation log_softmax = MakeActivation(ActivationKind::kLogSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const float bad : {kNaN, kInf}) {
      for (const size_t place : {0, 4, 8}) {
        std::vector<float> x(27, 1);
        x[9 + place] = bad;
        x[1] = -kInf;
        std::vector<float> y(x.size()), want(x.size());
        Activate(log_softmax, x.data(), y.data(), 27, 9);
        reference::Activate(log_softmax, x.data(), want.data(), 27, 9);
        for (size_t i = 0; i < x.size(); ++i) {
          EXPECT_EQ(std::isnan(y[i]), i / 9 == 1) << i;
          EXPECT_EQ(std::isnan(want[i]), i / 9 == 1) << i;
        }
        EXPECT_EQ(y[1], -kInf);
        EXPECT_FLOAT_EQ(y[0], -std::log(8.0f));
      }
    }
  });
}

TEST(Softmax, ANaNOrAnInfinityMakesItsRowNaNAndNoOther) {
  const Activation softmax = MakeActivation(ActivationKind::kSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const float bad : {kNaN, kInf}) {
      for (const size_t place : {0, 4, 8}) {
        std::vector<float> x(27, 1);
        x[9 + place] = bad;
        std::vector<float> y(x.size()), want(x.size());
        Activate(softmax, x.data(), y.data(), 27, 9);
        reference::Activate(softmax, x.data(), want.data(), 27, 9);
        for (size_t i = 0; i < x.size(); ++i) {
          EXPECT_EQ(std::isnan(y[i]), i / 9 == 1) << i;
          EXPECT_EQ(std::isnan(want[i]), i / 9 == 1) << i;
        }
      }
    }
  });
}

TEST(Softmax, MinusInfinityIsAProbabilityOfZero) {
  const Activation softmax = MakeActivation(ActivationKind::kSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    const std::vector<float> x = {-kInf, 0, 0, -kInf, 0};
    std::vector<float> y(5);
    Activate(softmax, x.data(), y.data(), 5, 5);
    EXPECT_THAT(y, ::testing::Pointwise(::testing::FloatEq(), {0.0f, 1.0f / 3, 1.0f / 3, 0.0f, 1.0f / 3}));
  });
}

TEST(ParseActivation, ReadsNamesAndParameters) {
  EXPECT_EQ(ActivationNames().size(), 20u);
  for (const std::string& name : ActivationNames()) EXPECT_EQ(Name(ParseActivation(name).kind), name);
  EXPECT_EQ(ParseActivation("leaky_relu").alpha, 0.2f);
  EXPECT_EQ(ParseActivation("elu").alpha, 1);
  EXPECT_EQ(ParseActivation("hard_sigmoid"), (Activation{ActivationKind::kHardSigmoid, 1.0f / 6, 0.5f}));
  EXPECT_EQ(ParseActivation("hard_sigmoid:0.2:0.4"), (Activation{ActivationKind::kHardSigmoid, 0.2f, 0.4f}));
  EXPECT_EQ(ParseActivation("leaky_relu:0.01").alpha, 0.01f);
  EXPECT_FALSE(ParseActivation("gelu").approximate);
  EXPECT_TRUE(ParseActivation("gelu:tanh").approximate);
}

std::string ErrorOf(const char* text) {
  try {
    ParseActivation(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseActivation, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf("rellu"), HasSubstr("received \"rellu\". did you mean relu"));
  EXPECT_THAT(ErrorOf("????????????????????"), HasSubstr("there are: linear, relu"));
  EXPECT_THAT(ErrorOf("relu:1"), HasSubstr("activation relu: it has no parameters; received \"relu:1\""));
  EXPECT_THAT(ErrorOf("elu:1:2"), HasSubstr("at most 1 parameters"));
  EXPECT_THAT(ErrorOf("elu:much"), HasSubstr("activation elu: expected a number; received \"much\""));
  EXPECT_THAT(ErrorOf("elu:inf"), HasSubstr("must be a finite number"));
  EXPECT_THAT(ErrorOf("elu:1e300"), HasSubstr("must be a finite number"));
  EXPECT_THAT(ErrorOf("ReLU"), HasSubstr("did you mean relu"));
  EXPECT_THAT([] { ParseActivation("rellu", "--activation"); }, ThrowsMessage<Error>(StartsWith("--activation: ")));
  EXPECT_THAT(ErrorOf("celu:0"), HasSubstr("above 0; received \"celu:0\""));
  EXPECT_THAT(ErrorOf("gelu:erf"), HasSubstr("gelu is exact, or approximated as gelu:tanh"));
}

TEST(Formula, ShowsTheParameters) {
  EXPECT_EQ(Formula(ParseActivation("leaky_relu:0.1")), "f(x) = x for x >= 0, 0.1 x for x < 0");
  EXPECT_EQ(Formula(ParseActivation("hard_sigmoid:0.2:0.5")), "f(x) = min(max(0.2 x + 0.5, 0), 1)");
  EXPECT_NE(Formula(ParseActivation("gelu")), Formula(ParseActivation("gelu:tanh")));
  for (const std::string& name : ActivationNames()) EXPECT_THAT(Formula(ParseActivation(name)), HasSubstr("f(x)"));
}

}  // namespace
}  // namespace convscope
