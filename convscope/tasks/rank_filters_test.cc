#include "convscope/tasks/rank_filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "convscope/base/error.h"
#include "convscope/tasks/internal/idx_data.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
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

TEST(RankFilters, SumsTwoClassesAlone) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("rank_" + std::to_string(getpid()));
  internal::WriteIdxData(folder, 5, 28, 28, [](int64_t i, int64_t y, int64_t x) {
    return static_cast<uint8_t>((i * 31 + y * 7 + x * x) % 256);
  });
  OpenDataOptions data;
  data.source = folder.string();
  const FilterRanking ranking =
      RankFilters({.model = "lenet", .data = data, .classes = {"1", "0"}, .layers = {"layer1/conv"}});
  EXPECT_THAT(ranking.pictures, ElementsAre(2, 3));
  EXPECT_THAT(ranking.means.pictures, ElementsAre(2, 3));
  const auto of_first = std::find_if(ranking.ranked.begin(), ranking.ranked.end(),
                                     [](const ChannelSeparation& one) { return one.channel == 0; });
  EXPECT_EQ(of_first->mean_a, ranking.means.layers[0].mean[0]);

  internal::WriteIdxData(folder, 3, 28, 28, [](int64_t, int64_t, int64_t) { return uint8_t{1}; });
  try {
    RankFilters({.model = "lenet", .data = data, .classes = {"0", "1"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("class 1"), HasSubstr("1 among the 3 test pictures"), HasSubstr("--part")));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace convscope
