#include "convscope/inspect/tsne.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

constexpr int64_t kPoints = 90, kDimensions = 8;

// Three clouds of 30 points each, 20 deviations apart.
Tensor Clouds() {
  Tensor points({kPoints, kDimensions});
  Random random(1, "clouds");
  for (int64_t i = 0; i < points.size(); ++i) {
    const int64_t cloud = i / kDimensions % 3;
    points.data()[i] = random.Normal() + (i % kDimensions == cloud ? 20.0f : 0.0f);
  }
  return points;
}

// All in one place, so that what comes out owes nothing to where they began.
const std::vector<double> kStart(2 * kPoints, 0.0);

Tsne Place(const Tensor& points, TsneOptions options = {.perplexity = 10, .iterations = 300}) {
  return TsneOf(points.view(), kStart, options);
}

double Distance(const Tsne& plane, size_t i, size_t j) {
  return std::hypot(plane.x[i] - plane.x[j], plane.y[i] - plane.y[j]);
}

TEST(Tsne, CloudsThatAreApartStayApart) {
  const Tsne plane = Place(Clouds());
  for (size_t i = 0; i < kPoints; ++i) {
    double own = 0, others = std::numeric_limits<double>::infinity();
    for (size_t j = 0; j < kPoints; ++j) {
      if (j % 3 == i % 3) own = std::max(own, Distance(plane, i, j));
      if (j % 3 != i % 3) others = std::min(others, Distance(plane, i, j));
    }
    EXPECT_LT(own, others) << "point " << i;
  }
}

TEST(Tsne, TheDivergenceFalls) {
  const Tsne early = Place(Clouds(), {.perplexity = 10, .iterations = 100}), late = Place(Clouds());
  EXPECT_GT(early.divergence, late.divergence);
  EXPECT_GT(late.first_divergence, late.divergence);
  EXPECT_GT(late.divergence, 0);
  // From one place, where all pairs are equally near: log(n (n - 1)) less the entropy of p, which is about that of
  // n neighbourhoods of `perplexity` points.
  EXPECT_NEAR(late.first_divergence, std::log(kPoints - 1) - std::log(10), 0.4);
}

TEST(Tsne, TheSameSeedGivesTheSameBitsAtAnyNumberOfThreads) {
  const Tensor points = Clouds();
  SetThreadCount(1);
  const Tsne one = Place(points);
  SetThreadCount(3);
  const Tsne three = Place(points);
  SetThreadCount(0);
  EXPECT_EQ(one.x, three.x);
  EXPECT_EQ(one.y, three.y);
  EXPECT_EQ(one.divergence, three.divergence);
  EXPECT_NE(Place(points, {.perplexity = 10, .iterations = 300, .seed = 1}).x, one.x);
}

TEST(Tsne, EqualPointsAreNoTrouble) {
  const Tsne plane = Place(Tensor::Zeros({kPoints, kDimensions}));
  for (size_t i = 0; i < kPoints; ++i) EXPECT_TRUE(std::isfinite(plane.x[i]) && std::isfinite(plane.y[i]));
}

TEST(Tsne, IsRefusedWhatItCannotPlace) {
  Tensor points = Clouds();
  EXPECT_THROW(Place(points, {.perplexity = 40}), Error);
  EXPECT_THROW(Place(points, {.perplexity = 1}), Error);
  EXPECT_THROW(Place(points, {.perplexity = 10, .iterations = 0}), Error);
  EXPECT_THROW(TsneOf(std::as_const(points).view(), {1, 2}), Error);
  points.data()[3] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Place(points), Error);
}

}  // namespace
}  // namespace convscope
