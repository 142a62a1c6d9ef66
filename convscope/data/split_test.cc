#include "convscope/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/data/sample_order.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Pictures of one pixel that holds their place; `counts` of each class, one class after the other.
Dataset Set(const std::vector<int64_t>& counts) {
  std::vector<int32_t> labels;
  for (size_t c = 0; c < counts.size(); ++c) labels.insert(labels.end(), static_cast<size_t>(counts[c]), int32_t(c));
  Tensor images(Shape{static_cast<int64_t>(labels.size()), 1, 1, 1});
  std::iota(images.data(), images.data() + images.size(), 0.0f);
  return Dataset({.name = "set", .images = std::move(images), .labels = std::move(labels)});
}

std::vector<int64_t> Places(const Dataset& data) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < data.size(); ++i) places.push_back(static_cast<int64_t>(data.Pixels<float>(i)[0]));
  return places;
}

std::vector<int64_t> Order(int64_t count, uint64_t seed, uint64_t epoch = 0) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  Shuffle(order, seed, "test", epoch);
  return order;
}

TEST(Shuffle, IsAnOrderOfAllThatSeedAndEpochChoose) {
  std::vector<int64_t> sorted = Order(1000, 1);
  EXPECT_FALSE(std::is_sorted(sorted.begin(), sorted.end()));
  std::sort(sorted.begin(), sorted.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(sorted[static_cast<size_t>(i)], i);
  EXPECT_EQ(Order(1000, 1), Order(1000, 1));
  EXPECT_NE(Order(1000, 1), Order(1000, 2));
  EXPECT_NE(Order(1000, 1), Order(1000, 1, 1));
  EXPECT_EQ(Order(0, 1).size(), 0u);
  EXPECT_THAT(Order(1, 1), ElementsAre(0));
}

TEST(Shuffle, MakesEveryOrderAsOften) {
  // 24 orders, 24,000 draws: chi-square with 23 degrees of freedom exceeds 58.6 once in 15,000 samples that are fair.
  std::map<std::vector<int64_t>, int> seen;
  for (uint64_t seed = 0; seed < 24000; ++seed) ++seen[Order(4, seed)];
  ASSERT_EQ(seen.size(), 24u);
  double chi_square = 0;
  for (const auto& [order, count] : seen) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 58.6);
}

TEST(Split, PutsEveryPictureIntoOnePart) {
  const Dataset data = Set({50, 30, 20});
  const auto [first, second] = Split(data, {.fraction = 0.2, .seed = 3});
  EXPECT_THAT(first.ClassCounts(), ElementsAre(40, 24, 16));
  EXPECT_THAT(second.ClassCounts(), ElementsAre(10, 6, 4));
  std::vector<int64_t> all = Places(first);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  const std::vector<int64_t> others = Places(second);
  EXPECT_TRUE(std::is_sorted(others.begin(), others.end()));
  all.insert(all.end(), others.begin(), others.end());
  std::sort(all.begin(), all.end());
  for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<size_t>(i)], i);
}

TEST(Split, GivesWhatRoundingLeavesToTheLargestRemainders) {
  // 5 of 12: 3.33, 1.25 and 0.42 of the classes.
  EXPECT_THAT(Split(Set({8, 3, 1}), {.fraction = 5.0 / 12}).second.ClassCounts(), ElementsAre(3, 1, 1));
  EXPECT_EQ(Split(Set({8, 3, 1}), {.fraction = 0}).second.size(), 0);
  EXPECT_EQ(Split(Set({8, 3, 1}), {.fraction = 1}).first.size(), 0);
}

TEST(Split, IsChosenByItsSeed) {
  const Dataset data = Set({500, 500});
  const auto second = [&](uint64_t seed, bool stratified = true) {
    return Places(Split(data, {.fraction = 0.5, .stratified = stratified, .seed = seed}).second);
  };
  EXPECT_EQ(second(1), second(1));
  EXPECT_NE(second(1), second(2));
  EXPECT_EQ(second(1, false).size(), 500u);
  EXPECT_NE(Split(data, {.fraction = 0.5, .stratified = false, .seed = 1}).second.ClassCounts()[0], 250);
}

TEST(Split, RefusesFractionsThatAreNone) {
  for (const double fraction : {-0.1, 1.1, std::nan("")}) {
    try {
      Split(Set({3}), {.fraction = fraction});
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("set: the fraction of a split must be 0 to 1"));
    }
  }
}

TEST(StratifiedSample, KeepsTheProportions) {
  EXPECT_THAT(StratifiedSample(Set({600, 300, 100}), 50).ClassCounts(), ElementsAre(30, 15, 5));
  EXPECT_THROW(StratifiedSample(Set({2}), 3), Error);
  EXPECT_THROW(StratifiedSample(Set({2}), -1), Error);
}

}  // namespace
}  // namespace convscope
