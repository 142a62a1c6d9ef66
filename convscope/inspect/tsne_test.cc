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

// By the formulas of the paper, one at a time: p of j given i is a Gaussian's of the squared distance, whose width
// gives the perplexity, found by halving; p of the pair is the mean of both over n; q is Student's t.
double DivergenceOf(const Tensor& points, const Tsne& plane, double perplexity) {
  const auto n = static_cast<size_t>(points.shape()[0]), d = static_cast<size_t>(points.shape()[1]);
  std::vector<double> given(n * n), q(n * n);
  double all_q = 0;
  for (size_t i = 0; i < n; ++i) {
    std::vector<double> squares(n);
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < d; ++k) {
        const double step =
            static_cast<double>(points.data()[i * d + k]) - static_cast<double>(points.data()[j * d + k]);
        squares[j] += step * step;
      }
      const double x = plane.x[i] - plane.x[j], y = plane.y[i] - plane.y[j];
      q[i * n + j] = i == j ? 0 : 1 / (1 + x * x + y * y);
      all_q += q[i * n + j];
    }
    double low = 0, high = 1e6;  // of 1 / (2 sigma^2)
    for (int step = 0; step < 200; ++step) {
      const double beta = (low + high) / 2;
      double sum = 0, entropy = 0;
      for (size_t j = 0; j < n; ++j) sum += given[i * n + j] = i == j ? 0 : std::exp(-beta * squares[j]);
      for (size_t j = 0; j < n; ++j) {
        double& p = given[i * n + j];
        p = sum > 0 ? p / sum : 0;
        if (p > 0) entropy -= p * std::log(p);
      }
      (entropy > std::log(perplexity) ? low : high) = beta;
    }
  }
  double divergence = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double p = (given[i * n + j] + given[j * n + i]) / (2 * static_cast<double>(n));
      if (i != j && p > 0) divergence += p * std::log(p * all_q / q[i * n + j]);
    }
  }
  return divergence;
}

TEST(Tsne, TheDivergenceIsThatOfTheFormula) {
  const Tensor points = Clouds();
  for (const double perplexity : {5.0, 10.0, 25.0}) {
    for (const int64_t iterations : {1, 60, 300}) {
      const Tsne plane = Place(points, {.perplexity = perplexity, .iterations = iterations});
      // There p is held in float and widths are found to 1e-7 of the entropy: of terms that are a few nats together.
      EXPECT_NEAR(plane.divergence, DivergenceOf(points, plane, perplexity), 1e-5)
          << perplexity << " neighbours, " << iterations << " iterations";
    }
  }
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
