#include "convscope/kernels/dropout_mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/dropout_mask.h"

namespace convscope {
namespace {

TEST(DropoutMask, IsTheReferencesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    SCOPED_TRACE(target);
    for (const int64_t count : {1, 2, 7, 8, 31, 128, 129, 1000}) {
      for (const uint32_t dropped : {0u, 1u, 16384u, 32768u, 65535u, 65536u}) {
        const Random stream(0x123456789abcdefu, "dropout/test", 3, static_cast<uint64_t>(count));
        std::vector<float> fast(count + 1, -1.0f), exact(count + 1, -1.0f);
        FillDropoutMask(stream, dropped, 1.5f, fast.data(), count);
        reference::FillDropoutMask(stream, dropped, 1.5f, exact.data(), count);
        ASSERT_EQ(fast, exact) << count << " elements, " << dropped;
      }
    }
  });
}

TEST(DropoutMask, DropsTheShareThatItWasTold) {
  constexpr int64_t kCount = 1 << 20;
  std::vector<float> mask(kCount);
  for (const double rate : {0.1, 0.5, 0.9}) {
    FillDropoutMask(Random(7, "share"), static_cast<uint32_t>(std::lround(rate * 65536)), 1, mask.data(), kCount);
    int64_t zeros = 0, pairs = 0;
    for (int64_t i = 0; i < kCount; ++i) {
      zeros += mask[i] == 0;
      pairs += i % 2 == 0 && mask[i] == 0 && mask[i + 1] == 0;
    }
    // Five standard deviations of a binomial count; 2^-17 is what rounding the rate to 2^-16 may move.
    const auto expect_share = [](int64_t count, double n, double p) {
      EXPECT_NEAR(static_cast<double>(count) / n, p, 5 * std::sqrt(p * (1 - p) / n) + 0x1p-16);
    };
    expect_share(zeros, kCount, rate);
    expect_share(pairs, kCount / 2, rate * rate);  // neighbours share a word, and do not know each other
  }
}

}  // namespace
}  // namespace convscope
