#include "convscope/inspect/principal_components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

// Points whose covariance has the variances given along known orthogonal directions, exactly: two for each, at plus and
// minus the direction, turned by a Householder reflection, around a mean that is not zero.
struct Planted {
  Tensor points;
  std::vector<std::vector<double>> directions;
};
Planted Plant(const std::vector<double>& variances, size_t d) {
  Random random(7, "reflection");
  std::vector<double> u(d);
  double length = 0;
  for (double& value : u) {
    value = static_cast<double>(random.Normal());
    length += value * value;
  }
  const auto n = 2 * variances.size();
  Planted planted{.points = Tensor({static_cast<int64_t>(n), static_cast<int64_t>(d)}), .directions = {}};
  for (size_t i = 0; i < variances.size(); ++i) {
    std::vector<double> direction(d);
    for (size_t c = 0; c < d; ++c) direction[c] = (c == i ? 1 : 0) - 2 * u[i] * u[c] / length;
    const double far = std::sqrt(variances[i] * static_cast<double>(n - 1) / 2);
    for (size_t c = 0; c < d; ++c) {
      planted.points.data()[2 * i * d + c] = static_cast<float>(3 + far * direction[c]);
      planted.points.data()[(2 * i + 1) * d + c] = static_cast<float>(3 - far * direction[c]);
    }
    planted.directions.push_back(std::move(direction));
  }
  return planted;
}

double Product(const std::vector<double>& components, size_t i, const std::vector<double>& direction) {
  double product = 0;
  for (size_t c = 0; c < direction.size(); ++c) product += components[i * direction.size() + c] * direction[c];
  return product;
}

// Coordinates are rounded to float, near 10.
constexpr double kTolerance = 1e-5;

TEST(PrincipalComponents, AreThePlantedDirectionsByTheirVariances) {
  // 9 dimensions are gone through to the end, 200 until the residual is small.
  for (const size_t d : {9, 200}) {
    const Planted planted = Plant({1, 25, 4, 9}, d);
    const PrincipalComponents found = PrincipalComponentsOf(std::as_const(planted.points).view(), 4);
    const size_t order[] = {1, 3, 2, 0};
    const double variances[] = {25, 9, 4, 1};
    EXPECT_NEAR(found.total, 39, 39 * kTolerance);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(found.variance[i], variances[i], 25 * kTolerance) << d;
      EXPECT_NEAR(std::abs(Product(found.components, i, planted.directions[order[i]])), 1, kTolerance) << d;
    }
    // The points of the second pair lie at plus and minus its place along it.
    EXPECT_NEAR(std::abs(found.scores[2 * 4]), std::sqrt(25 * 7.0 / 2), 25 * kTolerance);
    EXPECT_NEAR(found.scores[2 * 4], -found.scores[3 * 4], 25 * kTolerance);
  }
}

TEST(PrincipalComponents, DirectionsOfOneVarianceAreAllFound) {
  for (const size_t d : {12, 100}) {
    const Planted planted = Plant({4, 4, 4, 1}, d);
    const PrincipalComponents found = PrincipalComponentsOf(std::as_const(planted.points).view(), 4);
    EXPECT_NEAR(found.variance[0], 4, 4 * kTolerance) << d;
    EXPECT_NEAR(found.variance[2], 4, 4 * kTolerance) << d;
    EXPECT_NEAR(found.variance[3], 1, 4 * kTolerance) << d;
  }
}

TEST(PrincipalComponents, OfRandomPointsSatisfyTheirDefinition) {
  constexpr int64_t kPoints = 90, kDimensions = 130, kWanted = 5;
  Tensor points({kPoints, kDimensions});
  Random random(1, "points");
  for (int64_t i = 0; i < points.size(); ++i)
    points.data()[i] = random.Normal() / static_cast<float>(1 + i % kDimensions);
  const PrincipalComponents found = PrincipalComponentsOf(std::as_const(points).view(), kWanted);
  std::vector<double> mean(kDimensions, 0);
  for (int64_t i = 0; i < points.size(); ++i) mean[static_cast<size_t>(i % kDimensions)] += points.data()[i] / 90.0;
  for (size_t k = 0; k < kWanted; ++k) {
    const double* const v = found.components.data() + k * kDimensions;
    // The covariance, formed as its definition says, times the component.
    for (size_t a = 0; a < kDimensions; ++a) {
      double product = 0;
      for (size_t r = 0; r < kPoints; ++r) {
        double along = 0;
        for (size_t b = 0; b < kDimensions; ++b) along += (points.data()[r * kDimensions + b] - mean[b]) * v[b];
        product += (points.data()[r * kDimensions + a] - mean[a]) * along / (kPoints - 1);
        EXPECT_NEAR(found.scores[r * kWanted + k], along, 1e-5);
      }
      EXPECT_NEAR(product, found.variance[k] * v[a], 1e-6);
    }
    for (size_t other = 0; other <= k; ++other) {
      const double* const w = found.components.data() + other * kDimensions;
      double cosine = 0;
      for (size_t b = 0; b < kDimensions; ++b) cosine += v[b] * w[b];
      EXPECT_NEAR(cosine, other == k ? 1 : 0, 1e-9);
    }
    EXPECT_GE(found.variance[k > 0 ? k - 1 : 0], found.variance[k]);
  }
}

TEST(PrincipalComponents, WhatHasNoVarianceLeftIsZero) {
  const Planted planted = Plant({4, 1}, 6);
  const PrincipalComponents found = PrincipalComponentsOf(std::as_const(planted.points).view(), 6);
  EXPECT_NEAR(found.variance[1], 1, 4 * kTolerance);
  for (size_t i = 2; i < 6; ++i) EXPECT_NEAR(found.variance[i], 0, 4 * kTolerance);
  Tensor equal({5, 3});
  for (float& value : equal.view().span()) value = 2;
  EXPECT_EQ(PrincipalComponentsOf(std::as_const(equal).view(), 2).variance, std::vector<double>(2, 0.0));
}

// scripts/make_components_fixture.py
TEST(PrincipalComponents, AreThoseOfNumPysSingularValueDecomposition) {
  constexpr int64_t kPoints = 40, kDimensions = 12, kComponents = 4;
  const std::string bytes = ReadFile(internal::SourceFile("convscope/inspect/testdata/components.bin"), 1 << 20);
  std::vector<double> numbers(bytes.size() / sizeof(double));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  ASSERT_EQ(numbers.size(),
            static_cast<size_t>((kPoints + kComponents) * (kDimensions + 1) + kPoints * (kComponents - 1) + 1));
  const double* next = numbers.data();
  Tensor points({kPoints, kDimensions});
  for (float& value : points.view().span()) value = static_cast<float>(*next++);
  const PrincipalComponents found = PrincipalComponentsOf(std::as_const(points).view(), kComponents);
  // Points less their mean are rounded to float: by 2^-21 at most, being below 16. A score is a sum of 12 of them times
  // a direction, and directions whose variances are a fifth apart turn by about that over the deviation of the
  // points, 5.
  const auto expect = [&](const std::vector<double>& ours, double tolerance) {
    for (const double value : ours) EXPECT_NEAR(value, *next++, tolerance);
  };
  expect(found.scores, 1e-5);
  expect(found.components, 1e-6);
  expect(found.variance, 1e-4);
  expect({found.total}, 1e-4);
}

TEST(PrincipalComponents, HaveTheSameBitsAtAnyNumberOfThreads) {
  const Planted planted = Plant({1, 25, 4, 9}, 300);
  SetThreadCount(1);
  const PrincipalComponents one = PrincipalComponentsOf(std::as_const(planted.points).view(), 3);
  SetThreadCount(3);
  const PrincipalComponents three = PrincipalComponentsOf(std::as_const(planted.points).view(), 3);
  SetThreadCount(0);
  EXPECT_EQ(one.scores, three.scores);
  EXPECT_EQ(one.variance, three.variance);
}

TEST(PrincipalComponents, PointsThatAreNoNumbersAreRefused) {
  Tensor points = Tensor::Zeros({4, 3});
  EXPECT_THROW(PrincipalComponentsOf(std::as_const(points).view(), 4), Error);
  points.data()[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(PrincipalComponentsOf(std::as_const(points).view(), 1), Error);
}

}  // namespace
}  // namespace convscope
