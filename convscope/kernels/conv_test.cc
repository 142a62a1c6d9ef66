#include "convscope/kernels/conv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/internal/random_cases_check.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/internal/random_convolutions.h"
#include "convscope/kernels/reference/conv.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Spec, kernel, bias (empty: none) and input of one convolution.
struct Problem {
  ConvSpec spec;
  Values kernel, bias, input;
};

Problem Filled(const ConvSpec& spec, uint64_t sample) {
  return {.spec = spec,
          .kernel = RandomValues(spec.KernelShape().NumElements(), "kernel", sample),
          .bias = sample % 2 == 0 ? Values() : RandomValues(spec.filters, "bias", sample),
          .input = RandomValues(spec.InputShape().NumElements(), "input", sample)};
}

Convolution Ready(const Problem& problem, Epilogue epilogue = {}) {
  return Convolution(problem.spec, problem.kernel.data(), problem.bias.empty() ? nullptr : problem.bias.data(),
                     std::move(epilogue));
}

Values Convolved(const Problem& problem) {
  Values output(static_cast<size_t>(problem.spec.OutputShape().NumElements()), 1e30f);
  Ready(problem)(problem.input.data(), output.data());
  return output;
}

std::vector<double> Reference(const Problem& problem, bool absolute) {
  const auto wide = [&](const Values& values) {
    std::vector<double> result(values.begin(), values.end());
    if (absolute) std::transform(result.begin(), result.end(), result.begin(), [](double v) { return std::abs(v); });
    return result;
  };
  const std::vector<double> bias = wide(problem.bias);
  std::vector<double> output(static_cast<size_t>(problem.spec.OutputShape().NumElements()));
  reference::Conv(problem.spec, wide(problem.input).data(), wide(problem.kernel).data(),
                  bias.empty() ? nullptr : bias.data(), output.data());
  return output;
}

// A sum of n products in any order is off by at most n + 1 roundings of 2^-24 of the sum of absolute values. A
// separable kernel is off by as much again: its factors are rounded once and each product twice.
void ExpectMatchesReference(const Problem& problem, const Values& got) {
  SCOPED_TRACE(Describe(problem.spec));
  const std::vector<double> want = Reference(problem, false), scale = Reference(problem, true);
  int64_t terms = problem.spec.channels_per_group();
  for (const WindowAxis& axis : problem.spec.axes) terms *= axis.size;
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      ASSERT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
    } else if (static_cast<double>(got[i]) != want[i]) {
      ASSERT_NEAR(got[i], want[i], 2 * static_cast<double>(terms + 2) * 0x1p-24 * scale[i]) << "element " << i;
    }
  }
}

void ExpectMatchesReference(const Problem& problem) {
  ExpectMatchesReference(problem, Convolved(problem));
}

// A picture of `rows` x `columns` and one kernel a channel, all channels the same.
Problem Picture(int64_t rows, int64_t columns, int64_t channels, int64_t size, PadMode mode) {
  ConvSpec spec{.channels = channels, .filters = channels, .groups = channels, .pad_mode = mode};
  spec.axes[1] = MakeWindowAxis(rows, size, 1, 1, Padding::Same(), mode);
  spec.axes[2] = MakeWindowAxis(columns, size, 1, 1, Padding::Same(), mode);
  Problem problem = Filled(spec, 0);
  for (size_t i = 0; i < problem.kernel.size(); ++i) {
    problem.kernel[i] = problem.kernel[i / static_cast<size_t>(channels) * static_cast<size_t>(channels)];
  }
  return problem;
}

// The same with a kernel that is a column times a row.
Problem SeparablePicture(int64_t rows, int64_t columns, int64_t channels, int64_t size, PadMode mode) {
  Problem problem = Picture(rows, columns, channels, size, mode);
  const Values column = RandomValues(size, "column", 0), row = RandomValues(size, "row", 0);
  for (int64_t i = 0; i < size * size * channels; ++i) {
    const int64_t tap = i / channels;
    problem.kernel[static_cast<size_t>(i)] =
        column[static_cast<size_t>(tap / size)] * row[static_cast<size_t>(tap % size)];
  }
  return problem;
}

Problem Bank(int64_t side, int64_t channels, int64_t filters, int64_t size) {
  ConvSpec spec{.channels = channels, .filters = filters};
  spec.axes[1] = MakeWindowAxis(side, size, 1, 1, Padding::Same(), PadMode::kZero);
  spec.axes[2] = spec.axes[1];
  return Filled(spec, 1);
}

Problem Depthwise(int64_t side, int64_t channels) {
  ConvSpec spec{.channels = channels, .filters = channels, .groups = channels};
  spec.axes[1] = MakeWindowAxis(side, 3, 1, 1, Padding::Same(), PadMode::kZero);
  spec.axes[2] = spec.axes[1];
  return Filled(spec, 1);
}

TEST(Convolution, MatchesTheReferenceOnRandomShapesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 0; sample < RandomCases<uint64_t>(300); ++sample)
      ExpectMatchesReference(Filled(RandomSpec(sample), sample));
  });
}

Values Trained(const Problem& problem) {
  Convolution convolution(problem.spec);
  Values output(static_cast<size_t>(problem.spec.OutputShape().NumElements()), 1e30f);
  const auto run = [&](const Values& kernel, const Values& bias) {
    convolution(problem.input.data(), kernel.data(), bias.empty() ? nullptr : bias.data(), output.data());
  };
  run(Values(problem.kernel.size(), 7), Values(static_cast<size_t>(problem.spec.filters), 5));  // must leave no trace
  run(problem.kernel, problem.bias);
  return output;
}

// Dense layers, windows of one pixel, and a window that is the whole picture: products of matrices.
std::vector<Problem> Products() {
  std::vector<Problem> problems;
  for (const int64_t rows : {1, 2, 7, 33, 300}) {
    for (const int64_t channels : {1, 10, 130, 300}) {
      for (const int64_t filters : {1, 10, 16, 45, 70, 100}) {
        problems.push_back(Filled({.rank = 1, .batch = rows, .channels = channels, .filters = filters}, rows));
      }
    }
  }
  for (const int64_t size : {1, 7}) {
    ConvSpec spec{.batch = 5, .channels = 24, .filters = 33};
    spec.axes[1] = spec.axes[2] = MakeWindowAxis(7, size, 1, 1, Padding::Valid(), PadMode::kZero);
    problems.push_back(Filled(spec, 3));
  }
  return problems;
}

TEST(Convolution, ProductsOfMatricesMatchTheReference) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem : Products()) ExpectMatchesReference(problem);
  });
}

TEST(Convolution, ForTrainingMatchesTheReferenceWhateverTheWeightsAre) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    std::vector<Problem> problems = Products();
    for (uint64_t sample = 0; sample < 100; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
    problems.push_back(SeparablePicture(19, 31, 3, 11, PadMode::kEdge));
    for (const Problem& problem : problems) ExpectMatchesReference(problem, Trained(problem));
  });
}

TEST(Convolution, ForTrainingChoosesByTheShapeAlone) {
  const Problem picture = SeparablePicture(300, 400, 1, 11, PadMode::kZero);
  EXPECT_EQ(Ready(picture).path(), ConvPath::kSeparable);
  EXPECT_EQ(Convolution(picture.spec).path(), ConvPath::kDepthwise);
  EXPECT_EQ(Convolution(Bank(28, 3, 16, 3).spec).path(), ConvPath::kTile);
}

TEST(Convolution, TakesWeightsEitherOnceOrWithEveryCall) {
  const Problem problem = Bank(9, 3, 8, 3);
  Values output(static_cast<size_t>(problem.spec.OutputShape().NumElements()));
  const Convolution trains(problem.spec);
  Convolution fixed = Ready(problem);
  EXPECT_THROW(trains(problem.input.data(), output.data()), Error);
  EXPECT_THROW(fixed(problem.input.data(), problem.kernel.data(), nullptr, output.data()), Error);
}

TEST(Convolution, TakesEachPathWhereItIsMeantFor) {
  EXPECT_EQ(Ready(Bank(28, 3, 16, 3)).path(), ConvPath::kTile);
  EXPECT_EQ(Ready(Bank(56, 64, 64, 3)).path(), ConvPath::kTile);
  EXPECT_EQ(Ready(Picture(300, 400, 1, 3, PadMode::kZero)).path(), ConvPath::kPlane);
  EXPECT_EQ(Ready(Picture(300, 400, 3, 5, PadMode::kZero)).path(), ConvPath::kPlane);
  EXPECT_EQ(Ready(SeparablePicture(300, 400, 1, 11, PadMode::kZero)).path(), ConvPath::kSeparable);
  EXPECT_EQ(Ready(Depthwise(28, 64)).path(), ConvPath::kDepthwise);
}

TEST(Convolution, PicturesMatchTheReferenceAtAllSizesOfKernel) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
      for (const int64_t channels : {1, 3, 4}) {
        for (const int64_t size : {1, 2, 3, 4, 5, 7, 8, 11, 15}) {
          ExpectMatchesReference(Picture(19, 131, channels, size, mode));
          ExpectMatchesReference(SeparablePicture(19, 131, channels, size, mode));
        }
      }
    }
  });
}

// Flat kernels on a volume: which plane an output plane sees follows from stride and padding along the depth alone.
TEST(Convolution, FlatKernelsSeeThePlaneThatStrideAndPaddingSay) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kWrap}) {
      for (const int64_t stride : {1, 2}) {
        for (const int64_t padding : {0, 1}) {
          for (const int64_t filters : {1, 3}) {
            ConvSpec spec{.rank = 3, .batch = 2, .filters = filters, .pad_mode = mode};
            spec.axes[0] = MakeWindowAxis(4, 1, stride, 1, Padding::Explicit(padding, 0), mode);
            spec.axes[1] = MakeWindowAxis(21, 5, 1, 1, Padding::Same(), mode);
            spec.axes[2] = MakeWindowAxis(37, 3, 1, 1, Padding::Same(), mode);
            ExpectMatchesReference(Filled(spec, 1));
          }
        }
      }
    }
  });
}

TEST(Convolution, BanksMatchTheReferenceWhereFiltersFillNoVector) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t filters : {1, 2, 3, 7, 9, 16, 17, 24, 31, 33, 64, 65, 100}) {
      for (const int64_t channels : {1, 3, 16, 70}) ExpectMatchesReference(Bank(13, channels, filters, 3));
    }
  });
}

// Rows that are cut into strips, with windows that reach over the cuts.
std::vector<Problem> FewFiltersInLongRows() {
  std::vector<Problem> problems;
  for (const int64_t filters : {1, 3}) {
    for (const int64_t dilation : {1, 4}) {
      for (const bool flip : {false, true}) {
        ConvSpec spec{.channels = 3, .filters = filters, .flip_kernel = flip};
        spec.axes[1] = MakeWindowAxis(6, 3, 2, 1, Padding::Same(), PadMode::kZero);
        spec.axes[2] = MakeWindowAxis(1200, 5, 1, dilation, Padding::Same(), PadMode::kZero);
        problems.push_back(Filled(spec, problems.size()));
      }
    }
  }
  return problems;
}

TEST(Convolution, FewFiltersMatchTheReferenceInLongRows) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem : FewFiltersInLongRows()) {
      ExpectMatchesReference(problem);
      ExpectMatchesReference(problem, Trained(problem));
    }
  });
}

TEST(Convolution, GivesTheSameBitsAtAnyNumberOfThreads) {
  std::vector<Problem> problems = {Picture(99, 211, 1, 3, PadMode::kReflect),
                                   Picture(103, 70, 3, 5, PadMode::kZero),
                                   SeparablePicture(99, 211, 1, 11, PadMode::kEdge),
                                   Depthwise(57, 24),
                                   Bank(57, 3, 17, 3),
                                   Bank(29, 64, 64, 3)};
  for (uint64_t sample = 500; sample < 530; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
  for (Problem& problem : Products()) problems.push_back(std::move(problem));
  for (Problem& problem : FewFiltersInLongRows()) problems.push_back(std::move(problem));
  ForEachTarget([&](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem : problems) {
      SetThreadCount(1);
      const Values alone = Convolved(problem), trained = Trained(problem);
      for (const int threads : {2, 7}) {
        SetThreadCount(threads);
        const Values many = Convolved(problem), many_trained = Trained(problem);
        EXPECT_EQ(std::memcmp(many_trained.data(), trained.data(), trained.size() * sizeof(float)), 0)
            << threads << " threads, " << Describe(problem.spec);
        EXPECT_EQ(std::memcmp(many.data(), alone.data(), alone.size() * sizeof(float)), 0)
            << threads << " threads, " << Describe(problem.spec);
      }
    }
  });
  SetThreadCount(0);
}

TEST(Convolution, NaNAndInfinityPropagateAsInTheReferenceOnDirectPaths) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    std::vector<Problem> problems = {Picture(23, 61, 1, 3, PadMode::kZero), Picture(23, 61, 3, 5, PadMode::kEdge),
                                     Depthwise(21, 20), Bank(21, 3, 17, 3)};
    for (uint64_t sample = 900; sample < 940; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
    uint64_t sample = 0;
    for (Problem& problem : problems) {
      Random random(2, "holes", 0, ++sample);
      for (const float bad : {kNaN, kInf, -kInf}) problem.input[random.Bits() % problem.input.size()] = bad;
      if (Ready(problem).path() != ConvPath::kSeparable) ExpectMatchesReference(problem);
    }
  });
}

TEST(Convolution, NaNInASeparablePictureReachesAtLeastWhatItsKernelReaches) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    Problem problem = SeparablePicture(40, 300, 1, 11, PadMode::kZero);
    problem.input[20 * 300 + 150] = kNaN;
    ASSERT_EQ(Ready(problem).path(), ConvPath::kSeparable);
    const std::vector<double> want = Reference(problem, false);
    const Values got = Convolved(problem);
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_TRUE(std::isnan(got[i]) || !std::isnan(want[i])) << i;
    }
  });
}

TEST(Convolution, PaddedZeroesMeetTheKernelsNaN) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (Problem problem : {Picture(9, 33, 1, 3, PadMode::kZero), Bank(9, 3, 17, 3), Depthwise(9, 20)}) {
      std::fill(problem.kernel.begin(), problem.kernel.end() - static_cast<int64_t>(problem.kernel.size() / 9 * 8),
                kNaN);  // the kernel's first element, which sees only padding at the first pixel
      ExpectMatchesReference(problem);
    }
  });
}

TEST(Convolution, AppliesItsEpilogueOnceToEveryValueInWholePixels) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const Problem& problem :
         {Picture(37, 111, 1, 3, PadMode::kZero), Picture(37, 111, 3, 3, PadMode::kZero), Bank(29, 3, 17, 3),
          SeparablePicture(37, 111, 1, 11, PadMode::kZero), Depthwise(29, 20)}) {
      const Values plain = Convolved(problem);
      const int64_t filters = problem.spec.filters;
      std::atomic<int64_t> partial{0};
      const Convolution convolution = Ready(problem, [&](float* values, int64_t count) {
        if (count % filters != 0) ++partial;
        for (int64_t i = 0; i < count; ++i) values[i] = 2 * values[i] + static_cast<float>(i % filters);
      });
      Values got(plain.size());
      convolution(problem.input.data(), got.data());
      EXPECT_EQ(partial, 0);
      for (size_t i = 0; i < plain.size(); ++i) {
        const float f = static_cast<float>(static_cast<int64_t>(i) % filters);
        ASSERT_EQ(got[i], 2 * plain[i] + f) << i << " of " << Describe(problem.spec);
      }
    }
  });
}

TEST(Convolution, HoldsValuesWithinLimitsBeforeTheRestOfItsEpilogue) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    std::vector<Problem> problems = {
        Picture(37, 111, 1, 3, PadMode::kZero),           Bank(29, 3, 17, 3), Bank(9, 300, 40, 1),
        SeparablePicture(37, 111, 1, 11, PadMode::kZero), Depthwise(29, 20),  Picture(41, 60, 1, 13, PadMode::kEdge)};
    for (uint64_t sample = 0; sample < 60; ++sample) problems.push_back(Filled(RandomSpec(sample), sample));
    for (Problem& problem : problems) {
      SCOPED_TRACE(Describe(problem.spec));
      problem.input[problem.input.size() / 2] = kNaN;
      Epilogue epilogue([](float* values, int64_t count) {
        for (int64_t i = 0; i < count; ++i) values[i] = 2 * values[i] + 1;
      });
      epilogue.limits = {.low = -0.5f, .high = 2};
      const Values plain = Convolved(problem);
      Values got(plain.size());
      Ready(problem, epilogue)(problem.input.data(), got.data());
      for (size_t i = 0; i < plain.size(); ++i) {
        if (std::isnan(plain[i])) {
          ASSERT_TRUE(std::isnan(got[i])) << i;
        } else {
          ASSERT_EQ(got[i], 2 * std::clamp(plain[i], -0.5f, 2.0f) + 1) << i;
        }
      }
    }
  });
}

// A row of five pixels with one 1 tells correlation from convolution.
TEST(Convolution, CorrelatesUnlessTheKernelIsFlipped) {
  Problem problem{.kernel = {1, 2, 3}, .input = {0, 0, 1, 0, 0}};
  problem.spec.rank = 1;
  problem.spec.axes[2] = MakeWindowAxis(5, 3, 1, 1, Padding::Valid(), PadMode::kZero);
  EXPECT_THAT(Convolved(problem), ElementsAre(3, 2, 1));
  EXPECT_THAT(Reference(problem, false), ElementsAre(3, 2, 1));
  problem.spec.flip_kernel = true;
  EXPECT_THAT(Convolved(problem), ElementsAre(1, 2, 3));
  EXPECT_THAT(Reference(problem, false), ElementsAre(1, 2, 3));
}

TEST(Convolution, OneObjectServesManyCalls) {
  Problem problem = Bank(15, 3, 8, 3);
  const Convolution convolution = Ready(problem);
  const Values first = Convolved(problem);
  Values again(first.size());
  for (int call = 0; call < 3; ++call) {
    std::fill(again.begin(), again.end(), 0.0f);
    convolution(problem.input.data(), again.data());
    EXPECT_EQ(again, first);
  }
}

ConvSpec Spec2d(int64_t rows, int64_t columns, int64_t size, int64_t stride, Padding padding) {
  ConvSpec spec;
  spec.axes[1] = MakeWindowAxis(rows, size, stride, 1, padding, PadMode::kZero);
  spec.axes[2] = MakeWindowAxis(columns, size, stride, 1, padding, PadMode::kZero);
  return spec;
}

TEST(ConvSpec, ShapesAreTheNotebooks) {
  EXPECT_EQ(Spec2d(375, 500, 3, 1, Padding::Valid()).OutputShape(), (Shape{1, 373, 498, 1}));
  EXPECT_EQ(Spec2d(375, 500, 3, 2, Padding::Valid()).OutputShape(), (Shape{1, 187, 249, 1}));
  EXPECT_EQ(Spec2d(28, 28, 5, 1, Padding::Valid()).OutputShape(), (Shape{1, 24, 24, 1}));
  EXPECT_EQ(Spec2d(28, 28, 5, 1, Padding::Same()).OutputShape(), (Shape{1, 28, 28, 1}));
  EXPECT_EQ(Spec2d(134, 240, 3, 3, Padding::Same()).OutputShape(), (Shape{1, 45, 80, 1}));
  ConvSpec spec = Spec2d(10, 10, 5, 2, Padding::Same());
  spec.channels = 3;
  spec.filters = 6;
  EXPECT_EQ(spec.InputShape(), (Shape{1, 10, 10, 3}));
  EXPECT_EQ(spec.KernelShape(), (Shape{5, 5, 3, 6}));
  EXPECT_EQ(spec.OutputShape(), (Shape{1, 5, 5, 6}));
  EXPECT_EQ(spec.MultiplyAdds(), 5 * 5 * 6 * 5 * 5 * 3);
}

TEST(ConvSpec, MoreMultiplyAddsThanAnIntegerHoldsAreTheLargest) {
  const int64_t side = 1 << 20;  // 2^40 pixels in and out, each the sum of 2^40 products
  const ConvSpec spec = Spec2d(side, side, side, 1, Padding::Same());
  spec.Check();
  EXPECT_EQ(spec.MultiplyAdds(), std::numeric_limits<int64_t>::max());
}

std::string ErrorOf(const ConvSpec& spec) {
  try {
    spec.Check();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConvSpec, CheckSaysWhatIsWrong) {
  const ConvSpec good = Spec2d(9, 9, 3, 1, Padding::Valid());
  EXPECT_EQ(ErrorOf(good), "no error");
  ConvSpec spec = good;
  spec.rank = 0;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("1, 2 or 3 spatial axes; received 0"));
  spec = good;
  spec.axes[1].stride = 0;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("rows: stride must be from 1"));
  spec = good;
  spec.rank = 1;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("has no rows axis"));
  spec = good;
  spec.channels = 4;
  spec.groups = 3;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("groups must divide the channels and the filters"));
  spec = good;
  spec.axes[2].size = 10;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("columns: the window, 10 long with its dilation, must fit into the padded"));
  spec = good;
  spec.filters = int64_t{1} << 40;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("at most 2^40 elements"));
  EXPECT_THROW(Convolution(spec, nullptr, nullptr), Error);
}

}  // namespace
}  // namespace convscope
