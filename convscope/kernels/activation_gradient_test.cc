#include "convscope/kernels/activation_gradient.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/activation_gradient.h"

namespace convscope {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Every activation but those of rows, with both forms of gelu and parameters on both sides of 0.
std::vector<Activation> Elementwise() {
  std::vector<Activation> all;
  for (const std::string& name : ActivationNames()) {
    if (!IsOfRows(ParseActivation(name).kind)) all.push_back(ParseActivation(name));
  }
  for (const char* text :
       {"gelu:tanh", "leaky_relu:0.01", "leaky_relu:0", "leaky_relu:-3", "elu:1.7", "elu:0", "elu:-0.5",
        "hard_sigmoid:0.2:0.5", "celu:0.3", "thresholded_relu:0", "thresholded_relu:-1.5"}) {
    all.push_back(ParseActivation(text));
  }
  return all;
}

template <typename T>
T ValueRead(const Activation& activation, T x) {
  return GradientReadsOutput(activation) ? reference::Activate(activation, x) : x;
}

// The error that activation_gradient.h promises for one gradient; values that are subnormal on the way have few digits.
double Tolerance(const Activation& activation, double value, double want, double dy) {
  double units = 4, scale = std::abs(want);
  if (!GradientReadsOutput(activation) && activation.kind != ActivationKind::kLeakyRelu &&
      activation.kind != ActivationKind::kElu && value != 0) {
    const double g = reference::Activate(activation, value) / value;
    scale = (std::abs(g) + std::abs(want / dy - g)) * std::abs(dy);
    const double u = std::sqrt(2 / std::numbers::pi) * (value + 0.044715 * value * value * value);
    units = activation.kind == ActivationKind::kMish ? 18 : activation.kind == ActivationKind::kGelu ? 14 : 10;
    if (activation.approximate) units = 10 + 6 * std::abs(2 * u);
  }
  return units * 0x1p-23 * scale + (1 + std::abs(value)) * (1 + std::abs(dy)) * 0x1p-146;
}

TEST(ActivationGradient, StaysWithinItsErrorOverAllFiniteFloatsOnEveryTarget) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 65521) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (std::isfinite(value)) x.push_back(value);
  }
  for (int i = -20000; i <= 20000; ++i) x.push_back(static_cast<float>(i) * 0.0059f);  // where they bend
  Random random(1, "gradient");
  std::vector<float> dy(x.size()), dx(x.size());
  for (float& value : dy) value = random.Uniform(0.5f, 2) * (random.Bits() % 2 == 0 ? 1.0f : -1.0f);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      SCOPED_TRACE(Formula(activation));
      std::vector<float> read = x;
      for (float& value : read) value = static_cast<float>(ValueRead(activation, static_cast<double>(value)));
      ActivationGradient(activation, read.data(), dy.data(), dx.data(), static_cast<int64_t>(x.size()), 1);
      for (size_t i = 0; i < x.size(); ++i) {
        const double want =
            reference::ActivationGradient(activation, static_cast<double>(read[i]), static_cast<double>(dy[i]));
        if (static_cast<float>(want) == dx[i]) continue;  // infinities too
        ASSERT_NEAR(dx[i], want, Tolerance(activation, read[i], want, dy[i])) << "value " << read[i];
      }
    }
  });
}

TEST(ActivationGradient, ReferenceIsTheDerivativeOfTheReference) {
  for (const Activation& activation : Elementwise()) {
    for (int i = -160; i < 160; ++i) {
      const double x = i * 0.05 + 0.0137;  // on no bend
      constexpr double kStep = 1e-5;
      const double difference =
          (reference::Activate(activation, x + kStep) - reference::Activate(activation, x - kStep)) / (2 * kStep);
      const double slope = reference::ActivationGradient(activation, ValueRead(activation, x), 1.0);
      // Off by h^2 / 6 of the third derivative, which is below f itself here, and by rounding, 2^-53 f / h.
      const double scale = 1 + std::abs(reference::Activate(activation, x));
      EXPECT_NEAR(slope, difference, 1e-9 * scale) << Formula(activation) << " at " << x;
    }
  }
}

TEST(ActivationGradient, TakesTheLowerSlopeWhereAnActivationBends) {
  const auto slope = [](const char* text, double x) {
    const Activation activation = ParseActivation(text);
    return reference::ActivationGradient(activation, ValueRead(activation, x), 1.0);
  };
  EXPECT_EQ(slope("relu", 0), 0);
  EXPECT_EQ(slope("relu6", 0), 0);
  EXPECT_EQ(slope("relu6", 6), 0);
  EXPECT_EQ(slope("leaky_relu:0.25", 0), 0.25);
  EXPECT_EQ(slope("leaky_relu:-3", 0), -3);
  EXPECT_EQ(slope("elu:0.5", 0), 0.5);
  EXPECT_EQ(slope("elu:-0.5", 0), -0.5);
  EXPECT_EQ(slope("hard_sigmoid:0.25:0.5", -2), 0);
  EXPECT_EQ(slope("hard_sigmoid:0.25:0.5", 2), 0);
  EXPECT_EQ(slope("hard_sigmoid:0.25:0.5", 0), 0.25);
  EXPECT_EQ(slope("hard_swish", -3), 0);
  EXPECT_EQ(slope("hard_swish", 0), 0.5);
  EXPECT_EQ(slope("hard_swish", 3), 1);
  EXPECT_EQ(slope("thresholded_relu:0.5", 0.5), 0);
  EXPECT_EQ(slope("thresholded_relu:-0.5", -0.5), 0);
  EXPECT_EQ(slope("thresholded_relu:-0.5", -0.25), 1);
  EXPECT_EQ(slope("celu:0.5", 0), 1);
}

TEST(ActivationGradient, AValueGivesTheSameBitsAtEveryPlaceAndInEverySplitAndInPlace) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      for (const int64_t count : {1, 2, 3, 5, 8, 13, 16, 31, 67}) {
        const std::vector<float> value(static_cast<size_t>(count), 0.789f);
        std::vector<float> gradient(value.size() + 1, -1.2345f);
        gradient.back() = 99;
        float alone = 0;
        ActivationGradient(activation, value.data(), gradient.data(), &alone, 1, 1);
        ActivationGradient(activation, value.data(), gradient.data(), gradient.data(), count, 1);
        for (int64_t i = 0; i < count; ++i) ASSERT_EQ(gradient[i], alone) << Formula(activation) << " at " << i;
        ASSERT_EQ(gradient.back(), 99) << "wrote past the end";
      }
    }
  });
}

TEST(ActivationGradient, ANaNInTheValueComesOut) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      const std::vector<float> value = {0.5f, kNaN, 0.25f, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, kNaN, 0.5f};
      const std::vector<float> dy(value.size(), 1);
      std::vector<float> dx(value.size());
      ActivationGradient(activation, value.data(), dy.data(), dx.data(), static_cast<int64_t>(value.size()), 1);
      for (size_t i = 0; i < value.size(); ++i) {
        EXPECT_EQ(std::isnan(dx[i]), std::isnan(value[i])) << Formula(activation) << " at " << i;
      }
      EXPECT_TRUE(std::isnan(reference::ActivationGradient(activation, kNaN, 1.0f))) << Formula(activation);
    }
  });
}

// What comes back as an infinity or a NaN is lost only where relu, relu6 and hard_sigmoid are flat.
TEST(ActivationGradient, WhatComesBackPassesAsInTheReference) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Activation& activation : Elementwise()) {
      for (const float x : {-2.0f, 0.0f, 0.5f, 7.0f}) {
        for (const float dy : {kInf, -kInf, kNaN}) {
          const auto value = static_cast<float>(ValueRead(activation, static_cast<double>(x)));
          float dx = 0;
          ActivationGradient(activation, &value, &dy, &dx, 1, 1);
          const double want = reference::ActivationGradient<double>(activation, value, dy);
          if (std::isnan(want)) {
            EXPECT_TRUE(std::isnan(dx)) << Formula(activation) << " at " << x;
          } else {
            EXPECT_EQ(dx, want) << Formula(activation) << " at " << x;
          }
        }
      }
    }
  });
}

TEST(ActivationGradient, SlopesAtInfinitiesAreTheLimits) {
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const char* name : {"swish", "gelu", "gelu:tanh", "mish", "hard_swish"}) {
      const Activation activation = ParseActivation(name);
      const float x[2] = {-kInf, kInf}, dy[2] = {1, 1};
      float dx[2];
      ActivationGradient(activation, x, dy, dx, 2, 1);
      for (const int i : {0, 1}) {
        EXPECT_FLOAT_EQ(dx[i], static_cast<float>(i)) << name;
        EXPECT_EQ(reference::ActivationGradient(activation, x[i], 1.0f), static_cast<float>(i)) << name;
      }
    }
  });
}

TEST(SoftmaxGradient, MatchesTheReferenceInRowsOfAnyLengthAndInPlace) {
  Random random(3, "softmax gradient");
  const Activation softmax = MakeActivation(ActivationKind::kSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t row : {1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 33, 100, 1000}) {
      std::vector<float> y(static_cast<size_t>(3 * row)), dy(y.size());
      for (float& value : y) value = 5 * random.Normal();
      Activate(softmax, y.data(), y.data(), 3 * row, row);
      for (float& value : dy) value = random.Normal();
      const std::vector<double> wide_y(y.begin(), y.end()), wide_dy(dy.begin(), dy.end());
      std::vector<double> want(y.size());
      reference::ActivationGradient(softmax, wide_y.data(), wide_dy.data(), want.data(), 3 * row, row);
      std::vector<float> dx(y.size());
      ActivationGradient(softmax, y.data(), dy.data(), dx.data(), 3 * row, row);
      ActivationGradient(softmax, y.data(), dy.data(), dy.data(), 3 * row, row);
      EXPECT_EQ(dx, dy);
      for (int64_t i = 0; i < 3 * row; ++i) {
        double size = 0;  // of the sum's terms
        for (int64_t k = i / row * row; k < (i / row + 1) * row; ++k) size += std::abs(wide_y[k] * wide_dy[k]);
        // A sum of n products is off by n roundings of its size; a difference and a product add one each.
        const double tolerance = wide_y[i] * 0x1p-24 * (static_cast<double>(row + 2) * size + 2 * std::abs(wide_dy[i]));
        EXPECT_NEAR(dx[i], want[i], tolerance + 0x1p-148) << "row of " << row << ", element " << i;
      }
    }
  });
}

TEST(LogSoftmaxGradient, MatchesTheReferenceInRowsOfAnyLengthAndInPlace) {
  Random random(3, "log softmax gradient");
  const Activation log_softmax = MakeActivation(ActivationKind::kLogSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t row : {1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 33, 100, 1000}) {
      std::vector<float> y(static_cast<size_t>(3 * row)), dy(y.size());
      for (float& value : y) value = 5 * random.Normal();
      Activate(log_softmax, y.data(), y.data(), 3 * row, row);
      for (float& value : dy) value = random.Normal();
      const std::vector<double> wide_y(y.begin(), y.end()), wide_dy(dy.begin(), dy.end());
      std::vector<double> want(y.size());
      reference::ActivationGradient(log_softmax, wide_y.data(), wide_dy.data(), want.data(), 3 * row, row);
      std::vector<float> dx(y.size());
      ActivationGradient(log_softmax, y.data(), dy.data(), dx.data(), 3 * row, row);
      ActivationGradient(log_softmax, y.data(), dy.data(), dy.data(), 3 * row, row);
      EXPECT_EQ(dx, dy);
      for (int64_t i = 0; i < 3 * row; ++i) {
        double size = 0;  // of the sum's terms
        for (int64_t k = i / row * row; k < (i / row + 1) * row; ++k) size += std::abs(wide_dy[k]);
        // A sum of n terms is off by n roundings of its size, e^y by 8; a product and a difference add one each.
        const double tolerance =
            0x1p-24 * (static_cast<double>(row + 10) * size * std::exp(wide_y[i]) + 2 * std::abs(want[i]));
        EXPECT_NEAR(dx[i], want[i], tolerance + 0x1p-148) << "row of " << row << ", element " << i;
      }
    }
  });
}

TEST(LogSoftmaxGradient, ANaNStaysInItsRow) {
  const Activation log_softmax = MakeActivation(ActivationKind::kLogSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const bool in_value : {true, false}) {
      std::vector<float> y(27, -2), dy(27, 1), dx(27);
      (in_value ? y : dy)[9 + 8] = kNaN;
      ActivationGradient(log_softmax, y.data(), dy.data(), dx.data(), 27, 9);
      EXPECT_TRUE(std::isnan(dx[9 + 8]));
      for (size_t i = 0; i < 27; ++i) EXPECT_EQ(std::isnan(dx[i]), in_value ? i == 9 + 8 : i / 9 == 1) << i;
    }
  });
}

TEST(SoftmaxGradient, ANaNStaysInItsRow) {
  const Activation softmax = MakeActivation(ActivationKind::kSoftmax);
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    std::vector<float> y(27, 1.0f / 9), dy(27, 1), dx(27);
    dy[9 + 8] = kNaN;
    ActivationGradient(softmax, y.data(), dy.data(), dx.data(), 27, 9);
    for (size_t i = 0; i < 27; ++i) EXPECT_EQ(std::isnan(dx[i]), i / 9 == 1) << i;
  });
}

}  // namespace
}  // namespace convscope
