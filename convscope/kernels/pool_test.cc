#include "convscope/kernels/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/pool.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> RandomValues(int64_t count, uint64_t sample) {
  Random random(11, "pool", 0, sample);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = random.Normal();
  return values;
}

std::vector<float> Pooled(const PoolSpec& spec, const std::vector<float>& input) {
  std::vector<float> output(static_cast<size_t>(spec.OutputShape().NumElements()));
  Pool(spec, input.data(), output.data());
  return output;
}

std::string Describe(const PoolSpec& spec) {
  std::string text = Concat(spec.kind == PoolKind::kMax ? "max" : "average", " rank ", spec.rank, " batch ", spec.batch,
                            " channels ", spec.channels, " ", Name(spec.pad_mode), " include ", spec.count_include_pad);
  for (const WindowAxis& axis : spec.axes) {
    text += Concat(" [in ", axis.in, " size ", axis.size, " stride ", axis.stride, " dilation ", axis.dilation, " pad ",
                   axis.pad_before, "+", axis.pad_after, " ceil ", axis.ceil_mode, "]");
  }
  return text;
}

// Against the reference: the maximum is exact; the average differs only by the order of its sum.
void ExpectMatchesReference(const PoolSpec& spec, const std::vector<float>& input) {
  SCOPED_TRACE(Describe(spec));
  const std::vector<double> wide(input.begin(), input.end());
  std::vector<double> want(static_cast<size_t>(spec.OutputShape().NumElements()));
  reference::Pool(spec, wide.data(), want.data());
  const std::vector<float> got = Pooled(spec, input);
  double largest = 0;
  int64_t window = 1;
  for (const float value : input) largest = std::isfinite(value) ? std::max<double>(largest, std::abs(value)) : largest;
  for (const WindowAxis& axis : spec.axes) window *= axis.size;
  // n sums and a division of values up to `largest`: n + 1 roundings of at most 2^-24 of n * largest, over n.
  const double tolerance = spec.kind == PoolKind::kMax ? 0 : static_cast<double>(window + 1) * 0x1p-24 * largest;
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      ASSERT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
    } else if (static_cast<double>(got[i]) != want[i]) {
      ASSERT_NEAR(got[i], want[i], tolerance) << "element " << i;
    }
  }
}

// A random axis that passes the checks of `mode`.
WindowAxis RandomAxis(Random& random, PadMode mode) {
  const auto up_to = [&](int64_t most) { return 1 + static_cast<int64_t>(random.Bits()) % most; };
  while (true) {
    WindowAxis axis{.in = up_to(23), .size = up_to(5), .stride = up_to(4), .dilation = up_to(3)};
    axis.pad_before = up_to(axis.extent()) - 1;
    axis.pad_after = up_to(axis.extent()) - 1;
    axis.ceil_mode = random.Bits() % 2 == 0;
    try {
      Check(axis, mode);
      return axis;
    } catch (const Error&) {  // draw again
    }
  }
}

PoolSpec RandomSpec(uint64_t sample) {
  Random random(5, "pool spec", 0, sample);
  PoolSpec spec{.kind = random.Bits() % 2 == 0 ? PoolKind::kMax : PoolKind::kAverage};
  spec.rank = 1 + static_cast<int>(random.Bits() % 3);
  spec.batch = 1 + random.Bits() % 2;
  constexpr int64_t kChannels[] = {1, 2, 3, 4, 7, 8, 13, 16, 40};
  spec.channels = kChannels[random.Bits() % std::size(kChannels)];
  spec.pad_mode = static_cast<PadMode>(random.Bits() % 4);
  spec.count_include_pad = random.Bits() % 2 == 0;
  for (int axis = 3 - spec.rank; axis < 3; ++axis) spec.axes[axis] = RandomAxis(random, spec.pad_mode);
  return spec;
}

TEST(Pool, MatchesTheReferenceOnRandomShapesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 0; sample < 400; ++sample) {
      const PoolSpec spec = RandomSpec(sample);
      ExpectMatchesReference(spec, RandomValues(spec.InputShape().NumElements(), sample));
    }
  });
}

TEST(Pool, MatchesTheReferenceOnWideRowsThatAreMadeInBlocks) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t channels : {1, 3, 64}) {
      for (const int64_t stride : {1, 2, 3, 9}) {
        for (const PadMode mode : {PadMode::kZero, PadMode::kWrap}) {
          for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
            PoolSpec spec{.kind = kind, .channels = channels, .pad_mode = mode};
            spec.axes[1] = MakeWindowAxis(5, 3, 2, 1, Padding::Same(), mode);
            spec.axes[2] = MakeWindowAxis(20011 / channels, 3, stride, 1, Padding::Same(), mode);
            ExpectMatchesReference(spec, RandomValues(spec.InputShape().NumElements(), 1));
          }
        }
      }
    }
  });
}

TEST(Pool, GivesTheSameBitsAtAnyNumberOfThreads) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 1000; sample < 1020; ++sample) {
      PoolSpec spec = RandomSpec(sample);
      spec.batch = 5;
      const std::vector<float> input = RandomValues(spec.InputShape().NumElements(), sample);
      SetThreadCount(1);
      const std::vector<float> alone = Pooled(spec, input);
      for (const int threads : {2, 7}) {
        SetThreadCount(threads);
        const std::vector<float> again = Pooled(spec, input);
        EXPECT_EQ(std::memcmp(again.data(), alone.data(), alone.size() * sizeof(float)), 0) << Describe(spec);
      }
    }
    SetThreadCount(0);
  });
}

TEST(Pool, NaNAndInfinityPropagateAsInTheReference) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 2000; sample < 2100; ++sample) {
      const PoolSpec spec = RandomSpec(sample);
      std::vector<float> input = RandomValues(spec.InputShape().NumElements(), sample);
      Random random(1, "holes", 0, sample);
      constexpr float kBad[] = {kNaN, kInf, -kInf};
      for (const float bad : kBad) input[random.Bits() % input.size()] = bad;
      ExpectMatchesReference(spec, input);
    }
  });
}

PoolSpec Row(int64_t in, int64_t size, int64_t stride, int64_t before, int64_t after, bool ceil_mode = false) {
  PoolSpec spec{.rank = 1};
  spec.axes[2] = {
      .in = in, .size = size, .stride = stride, .pad_before = before, .pad_after = after, .ceil_mode = ceil_mode};
  return spec;
}

TEST(Pool, MaximumNeverSeesPaddedZeroes) {
  EXPECT_THAT(Pooled(Row(3, 3, 1, 1, 1), {-5, -4, -3}), ElementsAre(-4, -3, -3));
}

TEST(Pool, AverageLeavesPaddingOutOfTheCountUnlessToldOtherwise) {
  PoolSpec spec = Row(3, 3, 1, 1, 1);
  spec.kind = PoolKind::kAverage;
  EXPECT_THAT(Pooled(spec, {2, 4, 6}), ElementsAre(3, 4, 5));
  spec.count_include_pad = true;
  EXPECT_THAT(Pooled(spec, {2, 4, 6}), ElementsAre(2, 4, 10.0f / 3));
}

TEST(Pool, CeilModeAddsAWindowWhoseOverhangNeverCounts) {
  PoolSpec spec = Row(5, 2, 2, 0, 0, true);
  spec.kind = PoolKind::kAverage;
  spec.count_include_pad = true;
  EXPECT_THAT(Pooled(spec, {1, 3, 5, 7, 9}), ElementsAre(2, 6, 9));
  spec.kind = PoolKind::kMax;
  EXPECT_THAT(Pooled(spec, {-1, -3, -5, -7, -9}), ElementsAre(-1, -5, -9));
}

TEST(Pool, OtherModesPadWithPixelsThatCount) {
  PoolSpec spec = Row(3, 3, 1, 1, 1);
  spec.kind = PoolKind::kAverage;
  spec.pad_mode = PadMode::kEdge;
  EXPECT_THAT(Pooled(spec, {3, 6, 12}), ElementsAre(4, 7, 10));
  spec.pad_mode = PadMode::kReflect;
  EXPECT_THAT(Pooled(spec, {3, 6, 12}), ElementsAre(5, 7, 8));
  spec.pad_mode = PadMode::kWrap;
  EXPECT_THAT(Pooled(spec, {3, 6, 12}), ElementsAre(7, 7, 7));
}

TEST(Pool, AWindowOfPaddingAloneIsMinusInfinityOrNaN) {
  PoolSpec spec = Row(1, 2, 1, 1, 1);
  spec.axes[2].dilation = 2;
  EXPECT_THAT(Pooled(spec, {5}), ElementsAre(-kInf));
  spec.kind = PoolKind::kAverage;
  EXPECT_TRUE(std::isnan(Pooled(spec, {5})[0]));
}

TEST(PoolSpec, ShapesNameOnlyTheAxesInUse) {
  PoolSpec spec{.batch = 2, .channels = 3};
  spec.axes[1] = MakeWindowAxis(134, 3, 3, 1, Padding::Same(), PadMode::kZero);
  spec.axes[2] = MakeWindowAxis(240, 3, 3, 1, Padding::Same(), PadMode::kZero);
  EXPECT_EQ(spec.InputShape(), (Shape{2, 134, 240, 3}));
  EXPECT_EQ(spec.OutputShape(), (Shape{2, 45, 80, 3}));
  EXPECT_EQ(Row(5, 2, 2, 0, 0, true).OutputShape(), (Shape{1, 3, 1}));
}

std::string ErrorOf(const PoolSpec& spec) {
  try {
    spec.Check();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(PoolSpec, CheckSaysWhatIsWrong) {
  PoolSpec spec = Row(9, 3, 1, 0, 0);
  EXPECT_EQ(ErrorOf(spec), "no error");
  spec.rank = 4;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("pooling runs over 1 to 3 axes; received 4"));
  spec.rank = 1;
  spec.channels = 0;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("batch and channels must be at least 1; received batch 1, channels 0"));
  spec.channels = 1;
  spec.axes[2].pad_after = 3;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("columns: the padding of a pool must be smaller than its window, 3 long"));
  spec.pad_mode = PadMode::kEdge;
  EXPECT_EQ(ErrorOf(spec), "no error");
  spec.axes[1].in = 2;
  EXPECT_EQ(ErrorOf(spec), "pooling of rank 1 has no rows axis; received one of length 2");
  spec.axes[1].in = 1;
  spec.axes[2].size = 20;
  EXPECT_THAT(ErrorOf(spec), HasSubstr("must fit into the padded input; received an input of 9 padded to 12"));
}

}  // namespace
}  // namespace convscope
