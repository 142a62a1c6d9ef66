#include "convscope/kernels/pooled_conv.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/internal/random_convolutions.h"
#include "convscope/kernels/winograd.h"

namespace convscope {
namespace {

// Both by rows and one after the other, at several numbers of threads; true where PooledConvolution takes the two.
template <typename Conv>
bool SameBits(const ConvSpec& spec, const PoolSpec& pool, uint64_t seed) {
  if (!PooledConvolution::Takes(spec, pool)) return false;
  const std::vector<float> x = RandomValues(spec.InputShape().NumElements(), "x", seed);
  const std::vector<float> kernel = RandomValues(spec.KernelShape().NumElements(), "kernel", seed);
  const std::vector<float> bias = RandomValues(spec.filters, "bias", seed);
  const Epilogue square = [](float* values, int64_t count) {
    for (int64_t i = 0; i < count; ++i) values[i] *= values[i];
  };
  const auto conv = std::make_shared<const Conv>(spec, kernel.data(), bias.data(), square);
  if constexpr (requires { conv->GivesRows(); }) {
    if (!conv->GivesRows()) return false;
  }
  std::vector<float> between(static_cast<size_t>(spec.OutputShape().NumElements()));
  std::vector<float> whole(static_cast<size_t>(pool.OutputShape().NumElements()));
  (*conv)(x.data(), between.data());
  Pool(pool, between.data(), whole.data());
  for (const int threads : {1, 2, 7}) {
    SetThreadCount(threads);
    PooledConvolution pooled(
        spec,
        [conv](const float* input, int64_t begin, int64_t end, float* output) {
          conv->Rows(input, begin, end, output);
        },
        pool);
    for (int again = 0; again < 2; ++again) {
      std::vector<float> y(whole.size(), -7);
      pooled(x.data(), y.data());
      EXPECT_EQ(std::memcmp(y.data(), whole.data(), y.size() * sizeof(float)), 0) << threads << " threads";
    }
  }
  SetThreadCount(0);
  return true;
}

// A pool of what `spec` gives.
PoolSpec PoolOf(const ConvSpec& spec, PoolKind kind, WindowAxis rows, WindowAxis columns) {
  PoolSpec pool{.kind = kind, .batch = spec.batch, .channels = spec.filters};
  rows.in = spec.rows().out();
  columns.in = spec.columns().out();
  pool.axes[1] = rows;
  pool.axes[2] = columns;
  return pool;
}

PoolSpec RandomPool(const ConvSpec& spec, uint64_t sample) {
  Random random(6, "pool spec", 0, sample);
  for (;;) {
    const auto axis = [&] {
      return WindowAxis{.size = Pick(random, {1, 2, 3, 3, 4}),
                        .stride = Pick(random, {1, 2, 2, 3}),
                        .dilation = Pick(random, {1, 1, 1, 2}),
                        .pad_before = Pick(random, {0, 0, 1, 2}),
                        .pad_after = Pick(random, {0, 0, 1, 2}),
                        .ceil_mode = random.Bits() % 3 == 0};
    };
    PoolSpec pool = PoolOf(spec, static_cast<PoolKind>(random.Bits() % 2), axis(), axis());
    pool.count_include_pad = pool.kind == PoolKind::kAverage && random.Bits() % 2 == 0;
    if (random.Bits() % 4 == 0) pool.pad_mode = static_cast<PadMode>(1 + random.Bits() % 3);
    if (pool.pad_mode != PadMode::kZero) pool.count_include_pad = false;
    try {
      pool.Check();
      return pool;
    } catch (const Error&) {  // draw again
    }
  }
}

TEST(PooledConvolution, GivesTheBitsOfConvolutionAndPool) {
  int taken = 0;
  for (uint64_t sample = 0; sample < 240; ++sample) {
    const ConvSpec spec = RandomSpec(sample);
    if (spec.rank != 2) continue;
    const PoolSpec pool = RandomPool(spec, sample);
    SCOPED_TRACE(Concat("sample ", sample, ": ", Describe(spec), " pool ", pool.OutputShape().ToString()));
    taken += SameBits<Convolution>(spec, pool, sample);
  }
  EXPECT_GE(taken, 40);
}

ConvSpec Spec3x3(int64_t batch, int64_t rows, int64_t columns, int64_t filters) {
  ConvSpec spec{.batch = batch, .channels = 16, .filters = filters};
  spec.axes[1] = {.in = rows, .size = 3, .pad_before = 1, .pad_after = 1};
  spec.axes[2] = {.in = columns, .size = 3, .pad_before = 1, .pad_after = 1};
  return spec;
}

TEST(PooledConvolution, GivesTheBitsOfWinogradAndPool) {
  const WindowAxis two{.size = 2, .stride = 2}, three{.size = 3, .stride = 2, .pad_before = 1, .pad_after = 1};
  // Odd rows, so that pictures begin in the middle of a tile's height, and parts in the middle of a tile.
  for (const int64_t rows : {6, 13, 31}) {
    const ConvSpec spec = Spec3x3(3, rows, 9, 32);
    EXPECT_TRUE(SameBits<WinogradConvolution>(spec, PoolOf(spec, PoolKind::kMax, two, two), 1));
    EXPECT_TRUE(SameBits<WinogradConvolution>(spec, PoolOf(spec, PoolKind::kMax, three, three), 2));
    EXPECT_TRUE(SameBits<WinogradConvolution>(spec, PoolOf(spec, PoolKind::kAverage, three, two), 3));
  }
}

TEST(PooledConvolution, TakesSomeRowsAtATimeOfALargePicture) {
  const WindowAxis three{.size = 3, .stride = 2};
  const ConvSpec spec = Spec3x3(1, 41, 300, 128);  // 3 rows in between are 460 kB
  EXPECT_TRUE(SameBits<Convolution>(spec, PoolOf(spec, PoolKind::kMax, three, three), 4));
  EXPECT_TRUE(SameBits<WinogradConvolution>(spec, PoolOf(spec, PoolKind::kMax, three, three), 5));
}

TEST(PooledConvolution, TakesAndPaysForWhatItSays) {
  const WindowAxis two{.size = 2, .stride = 2};
  const ConvSpec large = Spec3x3(1, 64, 64, 64);
  EXPECT_TRUE(PooledConvolution::Pays(large, PoolOf(large, PoolKind::kMax, two, two)));
  const ConvSpec small = Spec3x3(1, 32, 32, 64);  // stays in the cache
  EXPECT_FALSE(PooledConvolution::Pays(small, PoolOf(small, PoolKind::kMax, two, two)));
  const WindowAxis wide{.size = 9, .stride = 1};  // would make most rows again and again
  EXPECT_FALSE(PooledConvolution::Pays(large, PoolOf(large, PoolKind::kMax, wide, wide)));
  const WindowAxis over{.size = 3, .stride = 2, .ceil_mode = true};  // of 64 rows: sticks out
  EXPECT_TRUE(PooledConvolution::Takes(large, PoolOf(large, PoolKind::kMax, over, over)));
  EXPECT_FALSE(PooledConvolution::Takes(large, PoolOf(large, PoolKind::kAverage, over, two)));
  PoolSpec edge = PoolOf(large, PoolKind::kMax, {.size = 3, .stride = 2, .pad_before = 1}, two);
  EXPECT_TRUE(PooledConvolution::Takes(large, edge));
  edge.pad_mode = PadMode::kEdge;
  EXPECT_FALSE(PooledConvolution::Takes(large, edge));
  // What sticks out is no padding: the mode does not fill it.
  PoolSpec reflect = PoolOf(large, PoolKind::kMax, over, two);
  reflect.pad_mode = PadMode::kReflect;
  EXPECT_FALSE(PooledConvolution::Takes(large, reflect));
}

}  // namespace
}  // namespace convscope
