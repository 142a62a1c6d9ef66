#include "convscope/tasks/number_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(NumberTable, NumbersRowsAndColumns) {
  const Tensor map = Tensor::Of({2, 3}, {1, 0, -2.5F, 0.125F, 3, 0});
  EXPECT_EQ(NumberTableText(map.view(), 80, false),
            "      0     1     2\n"
            "0     1     0  -2.5\n"
            "1 0.125     3     0\n");
}

TEST(NumberTable, GoesOnBelowWhereARowIsTooWide) {
  const Tensor map = Tensor::Of({1, 5}, {1, 2, 3, 4, 5});
  EXPECT_EQ(NumberTableText(map.view(), 7, false), "  0 1 2\n0 1 2 3\n\n  3 4\n0 4 5\n");
  // However narrow the terminal, every number is there.
  EXPECT_THAT(NumberTableText(map.view(), 1, false), HasSubstr("  4\n0 5\n"));
}

TEST(NumberTable, PositiveCellsAreGreenAndNoOthers) {
  const Tensor map = Tensor::Of({1, 4}, {7, 0, -8, std::numeric_limits<float>::quiet_NaN()});
  const std::string text = NumberTableText(map.view(), 80, true);
  EXPECT_THAT(text, HasSubstr("\x1b[30;48;5;114m  7\x1b[0m"));
  EXPECT_THAT(text.substr(text.find("\x1b[0m") + 4), Not(HasSubstr("\x1b")));
  EXPECT_THAT(NumberTableHtml(map.view(), "a"), HasSubstr("class=\"positive\" title=\"row 0, column 0: 7\">7<"));
  EXPECT_THAT(NumberTableHtml(map.view(), "a"), HasSubstr("<td title=\"row 0, column 2: -8\">-8<"));
}

TEST(NumberTable, CsvReadsBackAsTheSameFloats) {
  const float third = 1.0F / 3;
  const std::string text = NumberTableCsv(Tensor::Of({2, 1}, {third, -0.1F}).view());
  EXPECT_EQ(std::stof(text), third);
  EXPECT_EQ(std::stof(text.substr(text.find('\n') + 1)), -0.1F);
}

TEST(NumberTable, TitlesOfPagesAreTextAndNotTags) {
  const Tensor map = Tensor::Of({1, 1}, {1});
  EXPECT_THAT(NumberTableHtml(map.view(), "<b>&"), HasSubstr("<title>&lt;b&gt;&amp;</title>"));
}

}  // namespace
}  // namespace convscope
