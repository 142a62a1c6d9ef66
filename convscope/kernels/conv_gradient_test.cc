#include "convscope/kernels/conv_gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/internal/random_cases_check.h"
#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/internal/random_convolutions.h"
#include "convscope/kernels/reference/conv_gradient.h"

namespace convscope {
namespace {

using Values = std::vector<float>;
using Wide = std::vector<double>;

// What a step of training knows of one convolution.
struct Problem {
  ConvSpec spec;
  Values x, kernel, dy;
};

struct Gradients {
  Values dx, dkernel, dbias;
};

Problem Filled(const ConvSpec& spec, uint64_t sample) {
  return {.spec = spec,
          .x = RandomValues(spec.InputShape().NumElements(), "input", sample),
          .kernel = RandomValues(spec.KernelShape().NumElements(), "kernel", sample),
          .dy = RandomValues(spec.OutputShape().NumElements(), "dy", sample)};
}

Gradients Fast(const Problem& problem) {
  Gradients g{.dx = Values(problem.x.size(), 1e30f),
              .dkernel = Values(problem.kernel.size(), 1e30f),
              .dbias = Values(static_cast<size_t>(problem.spec.filters), 1e30f)};
  ConvInputGradient input(problem.spec);
  ConvKernelGradient kernel(problem.spec);
  // Twice, since the second call finds what the first left in the working memory.
  for (int call = 0; call < 2; ++call) {
    input(problem.dy.data(), problem.kernel.data(), g.dx.data());
    kernel(problem.x.data(), problem.dy.data(), g.dkernel.data(), g.dbias.data());
  }
  return g;
}

struct WideGradients {
  Wide dx, dkernel, dbias;
};

template <typename Change>
WideGradients Reference(const Problem& problem, const Change& change) {
  const auto wide = [&](const Values& values) {
    Wide result(values.begin(), values.end());
    std::transform(result.begin(), result.end(), result.begin(), change);
    return result;
  };
  WideGradients g{.dx = Wide(problem.x.size()),
                  .dkernel = Wide(problem.kernel.size()),
                  .dbias = Wide(static_cast<size_t>(problem.spec.filters))};
  const Wide x = wide(problem.x), kernel = wide(problem.kernel), dy = wide(problem.dy);
  reference::ConvInputGradient(problem.spec, dy.data(), kernel.data(), g.dx.data());
  reference::ConvKernelGradient(problem.spec, x.data(), dy.data(), g.dkernel.data(), g.dbias.data());
  return g;
}

// A sum of n products in any order is off by at most n roundings of 2^-24 of the sum of absolute values, to first
// order; twice that covers the rest.
void ExpectNear(const Values& got, const Wide& want, const Wide& scale, const Wide& terms, const char* name) {
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      ASSERT_TRUE(std::isnan(got[i])) << name << " " << i << " is " << got[i];
    } else if (double{got[i]} != want[i]) {
      ASSERT_NEAR(got[i], want[i], 2 * terms[i] * 0x1p-24 * scale[i]) << name << " " << i;
    }
  }
}

void ExpectMatchesReference(const Problem& problem) {
  SCOPED_TRACE(Describe(problem.spec));
  const WideGradients want = Reference(problem, [](double v) { return v; });
  const WideGradients scale = Reference(problem, [](double v) { return std::abs(v); });
  const WideGradients terms = Reference(problem, [](double) { return 1.0; });
  const Gradients got = Fast(problem);
  ExpectNear(got.dx, want.dx, scale.dx, terms.dx, "dx");
  ExpectNear(got.dkernel, want.dkernel, scale.dkernel,
             terms.dbias.empty() ? Wide() : Wide(want.dkernel.size(), terms.dbias[0]), "dkernel");
  ExpectNear(got.dbias, want.dbias, scale.dbias, terms.dbias, "dbias");
}

ConvSpec Square(int64_t batch, int64_t side, int64_t channels, int64_t filters, int64_t size, int64_t stride,
                Padding padding, int64_t groups = 1) {
  ConvSpec spec{.batch = batch, .channels = channels, .filters = filters, .groups = groups};
  spec.axes[1] = MakeWindowAxis(side, size, stride, 1, padding, PadMode::kZero);
  spec.axes[2] = spec.axes[1];
  return spec;
}

// Layers as networks have them.
std::vector<ConvSpec> Layers() {
  const Padding valid = Padding::Valid(), same = Padding::Same();
  ConvSpec window = Square(5, 6, 7, 20, 6, 1, valid);  // a dense layer on a picture
  const auto dense = [](int64_t batch, int64_t channels, int64_t filters) {
    return ConvSpec{.rank = 1, .batch = batch, .channels = channels, .filters = filters};
  };
  ConvSpec flat = Square(3, 7, 24, 40, 1, 1, valid);
  return {Square(3, 28, 1, 64, 3, 1, valid),
          Square(3, 13, 64, 64, 3, 1, valid),
          Square(2, 13, 32, 48, 3, 1, same),
          Square(1, 29, 1, 4, 5, 1, same),
          Square(2, 14, 4, 6, 5, 1, same),
          Square(1, 35, 3, 20, 11, 4, valid),
          Square(3, 14, 20, 33, 3, 2, same),
          Square(2, 9, 160, 24, 1, 1, valid),
          Square(2, 9, 70, 20, 3, 1, valid),
          Square(1, 9, 116, 20, 3, 1, valid),
          Square(2, 15, 24, 24, 3, 2, same, 24),
          Square(1, 9, 24, 300, 1, 2, same),
          Square(1, 130, 3, 5, 3, 1, same),
          window,
          flat,
          dense(33, 170, 145),
          dense(33, 170, 10),
          dense(300, 20, 30),
          dense(1, 5, 3)};
}

TEST(ConvGradient, MatchesTheReferenceOnRandomShapesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 0; sample < RandomCases<uint64_t>(120); ++sample)
      ExpectMatchesReference(Filled(RandomSpec(sample), sample));
  });
}

TEST(ConvGradient, MatchesTheReferenceOnLayersOfNetworks) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    uint64_t sample = 0;
    for (const ConvSpec& spec : Layers()) ExpectMatchesReference(Filled(spec, ++sample));
  });
}

TEST(ConvGradient, GivesTheSameBitsAtAnyNumberOfThreads) {
  std::vector<Problem> problems;
  for (const ConvSpec& spec : Layers()) problems.push_back(Filled(spec, problems.size()));
  for (uint64_t sample = 500; sample < 530; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
  const auto same = [](const Values& a, const Values& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem : problems) {
      SetThreadCount(1);
      const Gradients alone = Fast(problem);
      for (const int threads : {2, 5}) {
        SCOPED_TRACE(threads);
        SetThreadCount(threads);
        const Gradients many = Fast(problem);
        EXPECT_TRUE(same(many.dx, alone.dx)) << Describe(problem.spec);
        EXPECT_TRUE(same(many.dkernel, alone.dkernel)) << Describe(problem.spec);
        EXPECT_TRUE(same(many.dbias, alone.dbias)) << Describe(problem.spec);
      }
    }
  });
  SetThreadCount(0);
}

TEST(ConvGradient, NaNAndInfinityPropagateAsInTheReference) {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNaN = std::numeric_limits<float>::quiet_NaN();
  std::vector<Problem> problems;
  for (const ConvSpec& spec : Layers()) problems.push_back(Filled(spec, problems.size()));
  for (uint64_t sample = 900; sample < 940; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
  uint64_t sample = 0;
  for (Problem& problem : problems) {
    Random random(2, "holes", 0, ++sample);
    for (const float bad : {kNaN, kInf, -kInf}) {
      problem.x[random.Bits() % problem.x.size()] = bad;
      problem.dy[random.Bits() % problem.dy.size()] = bad;
    }
  }
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem : problems) ExpectMatchesReference(problem);
  });
}

// 102,400 equal products: a sum in one register drifts by 1e-3 of the result, this one by no more than its three levels
// have terms: 128 in a register, then 64 of those, then the rest.
TEST(ConvGradient, SumsOverManyPixelsStayExact) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const ConvSpec& spec :
         {Square(4, 160, 1, 3, 1, 1, Padding::Valid()), Square(4, 160, 2, 9, 3, 1, Padding::Same()),
          Square(4, 160, 6, 6, 3, 1, Padding::Same(), 6)}) {
      SCOPED_TRACE(Describe(spec));
      Problem problem = Filled(spec, 0);
      std::fill(problem.x.begin(), problem.x.end(), 0.1f);
      std::fill(problem.dy.begin(), problem.dy.end(), 0.3f);
      const WideGradients want = Reference(problem, [](double v) { return v; });
      const Gradients got = Fast(problem);
      constexpr double kTolerance = (128 + 64 + 64) * 0x1p-24;
      for (size_t i = 0; i < want.dkernel.size(); ++i) {
        ASSERT_NEAR(got.dkernel[i], want.dkernel[i], kTolerance * want.dkernel[i]);
      }
      for (size_t f = 0; f < want.dbias.size(); ++f) {
        ASSERT_NEAR(got.dbias[f], want.dbias[f], kTolerance * want.dbias[f]);
      }
    }
  });
}

TEST(ConvGradient, ANullBiasIsLeftOut) {
  const Problem problem = Filled(Square(3, 28, 1, 64, 3, 1, Padding::Valid()), 0);
  Values with(problem.kernel.size()), without(problem.kernel.size()), bias(64);
  ConvKernelGradient gradient(problem.spec);
  gradient(problem.x.data(), problem.dy.data(), with.data(), bias.data());
  gradient(problem.x.data(), problem.dy.data(), without.data(), nullptr);
  EXPECT_EQ(with, without);
}

TEST(ConvGradient, RefusesWhatNoConvolutionIs) {
  ConvSpec spec = Square(1, 9, 4, 4, 3, 1, Padding::Valid());
  spec.groups = 3;
  EXPECT_THROW(ConvInputGradient{spec}, Error);
  EXPECT_THROW(ConvKernelGradient{spec}, Error);
}

// Windows that leave pixels at the end unseen (stride 2 on 6: the last row and column) send them nothing.
TEST(ConvGradient, TransposedConvolutionPadsItsOutputWithPixelsThatNoWindowReaches) {
  const ConvSpec spec = Square(1, 6, 1, 1, 3, 2, Padding::Valid());  // in = (2 - 1) * 2 + 3 + output_padding 1
  EXPECT_EQ(spec.rows().out(), 2);
  const Values x = {1, 2, 3, 4}, kernel(9, 1.0f);
  Values y(36);
  ConvInputGradient{spec}(x.data(), kernel.data(), y.data());
  EXPECT_EQ(y, (Values{1, 1, 3, 2, 2, 0, 1, 1, 3, 2, 2, 0, 4, 4, 10, 6, 6, 0,
                       3, 3, 7, 4, 4, 0, 3, 3, 7, 4, 4, 0, 0, 0, 0,  0, 0, 0}));
}

}  // namespace
}  // namespace convscope
