#include "convscope/tasks/rank_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convscope {
namespace {

using ::testing::HasSubstr;

TEST(RankText, GivesEqualFiltersOneRank) {
  FilterRanking ranking{.title = "net", .names = {"cat", "dog"}, .pictures = {1, 2}};
  int64_t channel = 0;
  for (const double d_prime : {3.0, -2.0, 2.0, 0.0, 0.0}) {
    ranking.ranked.push_back({.tensor = "conv", .channel = channel++, .d_prime = d_prime});
  }
  const std::string text = RankText(ranking, 5);
  EXPECT_THAT(text, HasSubstr("cat (1 picture) against dog (2 pictures)"));
  for (const char* const line : {"\n   1  conv        0", "\n   2  conv        1", "\n   2  conv        2",
                                 "\n   4  conv        3", "\n   4  conv        4"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace convscope
