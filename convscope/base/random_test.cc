#include "convscope/base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace convscope {
namespace {

using ::testing::ElementsAre;

// Random123's known answers (kat_vectors, "philox4x32 10").
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_THAT(Philox({0, 0, 0, 0}, {0, 0}), ElementsAre(0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u));
  EXPECT_THAT(Philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu));
  EXPECT_THAT(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09u, 0x94fdcceb, 0x5001e420u, 0x24126ea1u));
}

std::vector<uint32_t> Draw(Random random, int count) {
  std::vector<uint32_t> bits;
  for (int i = 0; i < count; ++i) bits.push_back(random.Bits());
  return bits;
}

TEST(Random, TheSameKeyGivesTheSameNumbers) {
  EXPECT_EQ(Draw(Random(1, "kernel", 2, 3), 100), Draw(Random(1, "kernel", 2, 3), 100));
}

TEST(Random, EachPartOfTheKeyGivesOtherNumbers) {
  const std::vector<uint32_t> base = Draw(Random(1, "kernel", 2, 3), 8);
  EXPECT_NE(base, Draw(Random(2, "kernel", 2, 3), 8));
  EXPECT_NE(base, Draw(Random(uint64_t{1} << 32 | 1, "kernel", 2, 3), 8));
  EXPECT_NE(base, Draw(Random(1, "kernel2", 2, 3), 8));
  EXPECT_NE(base, Draw(Random(1, "kernel", 3, 3), 8));
  EXPECT_NE(base, Draw(Random(1, "kernel", 2, 4), 8));
  EXPECT_NE(base, Draw(Random(1, "kernel", 3, 2), 8));
}

constexpr int kDraws = 200000;

// The mean of n draws of standard deviation s strays by s / sqrt(n); five of those never happen with a fixed seed.
TEST(Random, UniformFillsItsRangeEvenly) {
  Random random(1, "uniform");
  double sum = 0, squares = 0;
  std::vector<int> tenths(10);
  for (int i = 0; i < kDraws; ++i) {
    const float u = random.Uniform();
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    sum += u;
    squares += double{u} * u;
    ++tenths[static_cast<size_t>(u * 10)];
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
  for (const int count : tenths) EXPECT_NEAR(count, kDraws / 10, 5 * std::sqrt(kDraws * 0.09));
}

TEST(Random, UniformBetweenBoundsStaysThere) {
  Random random(1, "bounds");
  for (int i = 0; i < 1000; ++i) {
    const float u = random.Uniform(-3, 5);
    EXPECT_GE(u, -3);
    EXPECT_LE(u, 5);
  }
}

TEST(Random, NormalHasTheMomentsOfANormal) {
  Random random(1, "normal");
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  int beyond_two = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = random.Normal();
    ASSERT_TRUE(std::isfinite(z));
    sum += z;
    squares += z * z;
    cubes += z * z * z;
    fourths += z * z * z * z;
    if (std::abs(z) > 2) ++beyond_two;
  }
  // Variances of z, z^2, z^3, z^4: 1, 2, 15, 96.
  EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(1.0 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(cubes / kDraws, 0, 5 * std::sqrt(15.0 / kDraws));
  EXPECT_NEAR(fourths / kDraws, 3, 5 * std::sqrt(96.0 / kDraws));
  EXPECT_NEAR(beyond_two, 0.0455 * kDraws, 5 * std::sqrt(0.0455 * kDraws));
}

}  // namespace
}  // namespace convscope
