#include "convscope/kernels/pool_gradient.h"

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
#include "convscope/base/internal/random_cases_check.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/pool_gradient.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::string Describe(const PoolSpec& spec) {
  std::string text = Concat(spec.kind == PoolKind::kMax ? "max" : "average", " rank ", spec.rank, " batch ", spec.batch,
                            " channels ", spec.channels, " ", Name(spec.pad_mode), " include ", spec.count_include_pad);
  for (const WindowAxis& axis : spec.axes) {
    text += Concat(" [in ", axis.in, " size ", axis.size, " stride ", axis.stride, " dilation ", axis.dilation, " pad ",
                   axis.pad_before, "+", axis.pad_after, " ceil ", axis.ceil_mode, "]");
  }
  return text;
}

// Few different values, so that maxima are found several times in a window.
Values Input(const PoolSpec& spec, uint64_t sample) {
  Random random(11, "input", 0, sample);
  Values values(static_cast<size_t>(spec.InputShape().NumElements()));
  for (float& value : values) value = static_cast<float>(random.Bits() % 7) - 3;
  return values;
}

Values OutputGradient(const PoolSpec& spec, uint64_t sample) {
  Random random(11, "gradient", 0, sample);
  Values values(static_cast<size_t>(spec.OutputShape().NumElements()));
  for (float& value : values) value = random.Normal();
  return values;
}

Values Fast(const PoolSpec& spec, const Values& input, const Values& gradient) {
  Values result(input.size(), 99);
  PoolGradient(spec, spec.kind == PoolKind::kMax ? input.data() : nullptr, gradient.data(), result.data());
  return result;
}

Values Readable(const PoolSpec& spec, const Values& input, const Values& gradient) {
  Values result(input.size(), 99);
  reference::PoolGradient(spec, input.data(), gradient.data(), result.data());
  return result;
}

void ExpectEqualsReference(const PoolSpec& spec, const Values& input, const Values& gradient) {
  SCOPED_TRACE(Describe(spec));
  const Values want = Readable(spec, input, gradient), got = Fast(spec, input, gradient);
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i]) && std::isnan(got[i])) continue;
    ASSERT_EQ(got[i], want[i]) << "element " << i;
  }
}

int64_t UpTo(Random& random, int64_t most) {
  return 1 + static_cast<int64_t>(random.Bits()) % most;
}

// A random axis that passes the checks of `mode`; one of two has windows that do not overlap.
WindowAxis RandomAxis(Random& random, PadMode mode, bool disjoint) {
  while (true) {
    WindowAxis axis{.in = UpTo(random, 23), .size = UpTo(random, 5), .dilation = UpTo(random, 3)};
    axis.stride = disjoint ? axis.extent() + UpTo(random, 2) - 1 : UpTo(random, 4);
    axis.pad_before = UpTo(random, axis.extent()) - 1;
    axis.pad_after = UpTo(random, axis.extent()) - 1;
    axis.ceil_mode = random.Bits() % 2 == 0;
    try {
      Check(axis, mode);
      return axis;
    } catch (const Error&) {  // draw again
    }
  }
}

PoolSpec RandomSpec(uint64_t sample) {
  Random random(5, "pool gradient", 0, sample);
  PoolSpec spec{.kind = random.Bits() % 2 == 0 ? PoolKind::kMax : PoolKind::kAverage};
  spec.rank = 1 + static_cast<int>(random.Bits() % 3);
  spec.batch = UpTo(random, 2);
  constexpr int64_t kChannels[] = {1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 40};
  spec.channels = kChannels[random.Bits() % std::size(kChannels)];
  spec.pad_mode = static_cast<PadMode>(random.Bits() % 4);
  spec.count_include_pad = random.Bits() % 2 == 0;
  const bool disjoint = random.Bits() % 2 == 0;
  for (int axis = 3 - spec.rank; axis < 3; ++axis) spec.axes[axis] = RandomAxis(random, spec.pad_mode, disjoint);
  return spec;
}

TEST(PoolGradient, EqualsTheReferenceOnRandomShapesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 0; sample < RandomCases<uint64_t>(600); ++sample) {
      const PoolSpec spec = RandomSpec(sample);
      ExpectEqualsReference(spec, Input(spec, sample), OutputGradient(spec, sample));
    }
  });
}

TEST(PoolGradient, EqualsTheReferenceOnTheShapesOfNetworks) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t channels : {1, 4, 6, 32, 64}) {
      for (const auto& [size, stride] : {std::pair{2, 2}, {3, 2}, {3, 1}, {2, 1}, {3, 3}, {7, 7}}) {
        for (const Padding padding : {Padding::Valid(), Padding::Same()}) {
          for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
            PoolSpec spec{.kind = kind, .batch = 2, .channels = channels};
            spec.axes[1] = MakeWindowAxis(27, size, stride, 1, padding, PadMode::kZero);
            spec.axes[2] = MakeWindowAxis(700 / channels + 7, size, stride, 1, padding, PadMode::kZero);
            ExpectEqualsReference(spec, Input(spec, 1), OutputGradient(spec, 1));
          }
        }
      }
    }
  });
}

TEST(PoolGradient, GivesTheSameBitsAtAnyNumberOfThreads) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 1000; sample < 1060; ++sample) {
      PoolSpec spec = RandomSpec(sample);
      spec.batch = 5;
      const Values input = Input(spec, sample), gradient = OutputGradient(spec, sample);
      SetThreadCount(1);
      const Values alone = Fast(spec, input, gradient);
      for (const int threads : {2, 7}) {
        SetThreadCount(threads);
        const Values again = Fast(spec, input, gradient);
        EXPECT_EQ(std::memcmp(again.data(), alone.data(), alone.size() * sizeof(float)), 0) << Describe(spec);
      }
    }
    SetThreadCount(0);
  });
}

TEST(PoolGradient, NaNAndInfinityPassAsInTheReference) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (uint64_t sample = 2000; sample < 2200; ++sample) {
      const PoolSpec spec = RandomSpec(sample);
      Values input = Input(spec, sample), gradient = OutputGradient(spec, sample);
      Random random(1, "holes", 0, sample);
      for (const float bad : {kNaN, kInf, -kInf, kNaN, -kInf}) {
        input[random.Bits() % input.size()] = bad;
        gradient[random.Bits() % gradient.size()] = bad;
      }
      ExpectEqualsReference(spec, input, gradient);
    }
  });
}

// Windows of `size` elements along one axis.
PoolSpec Row(PoolKind kind, int64_t in, int64_t size, int64_t stride, int64_t before, int64_t after) {
  PoolSpec spec{.kind = kind, .rank = 1};
  spec.axes[2] = {.in = in, .size = size, .stride = stride, .pad_before = before, .pad_after = after};
  return spec;
}

// Both forms, since they must not be wrong alike.
void ExpectGradient(const PoolSpec& spec, const Values& input, const Values& gradient, const Values& want) {
  EXPECT_EQ(Readable(spec, input, gradient), want);
  ForEachTarget([&](const char* target) { EXPECT_EQ(Fast(spec, input, gradient), want) << target; });
}

TEST(PoolGradient, TheFirstOfEqualMaximaGetsAll) {
  ExpectGradient(Row(PoolKind::kMax, 7, 3, 3, 0, 0), {2, 2, 1, -kInf, -kInf, -kInf, 9}, {5, 7}, {5, 0, 0, 7, 0, 0, 0});
  PoolSpec square{.kind = PoolKind::kMax};
  square.axes[1] = square.axes[2] = {.in = 2, .size = 2, .stride = 2};
  ExpectGradient(square, {1, 3, 3, 3}, {4}, {0, 4, 0, 0});
}

TEST(PoolGradient, WindowsThatShareAMaximumBothHandOnToIt) {
  ExpectGradient(Row(PoolKind::kMax, 4, 3, 1, 1, 1), {0, 4, 1, 2}, {1, 10, 100, 1000}, {0, 111, 0, 1000});
}

TEST(PoolGradient, ANaNIsTheMaximumAndTheFirstOneGetsAll) {
  ExpectGradient(Row(PoolKind::kMax, 4, 4, 4, 0, 0), {kInf, kNaN, 5, kNaN}, {3}, {0, 3, 0, 0});
}

TEST(PoolGradient, AnAverageHandsEqualSharesToWhatItCounts) {
  PoolSpec spec = Row(PoolKind::kAverage, 3, 3, 1, 1, 1);
  ExpectGradient(spec, {0, 0, 0}, {2, 3, 4}, {2, 4, 3});
  spec.count_include_pad = true;
  ExpectGradient(spec, {0, 0, 0}, {3, 6, 9}, {3, 6, 5});
}

TEST(PoolGradient, OtherModesHandTheSharesOfPaddingToThePixelsThatItShows) {
  PoolSpec spec = Row(PoolKind::kAverage, 3, 3, 1, 1, 1);
  spec.pad_mode = PadMode::kEdge;
  ExpectGradient(spec, {0, 0, 0}, {3, 6, 9}, {4, 6, 8});
  spec.pad_mode = PadMode::kWrap;
  ExpectGradient(spec, {0, 0, 0}, {3, 6, 9}, {6, 6, 6});
}

TEST(PoolGradient, AWindowOfPaddingAloneHandsOnNothing) {
  PoolSpec spec = Row(PoolKind::kMax, 1, 2, 1, 1, 1);
  spec.axes[2].dilation = 2;
  ExpectGradient(spec, {5}, {3}, {0});
  spec.kind = PoolKind::kAverage;
  ExpectGradient(spec, {5}, {3}, {0});
}

TEST(PoolGradient, ThrowsWhatTheCheckThrows) {
  PoolSpec spec = Row(PoolKind::kMax, 4, 9, 1, 0, 0);
  float value = 0;
  EXPECT_THAT([&] { PoolGradient(spec, &value, &value, &value); },
              ::testing::ThrowsMessage<Error>(HasSubstr("must fit into the padded input")));
}

}  // namespace
}  // namespace convscope
