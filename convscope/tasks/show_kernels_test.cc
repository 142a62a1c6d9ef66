#include "convscope/tasks/show_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convscope {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Titles(const OwningFigure& made) {
  std::vector<std::string> titles;
  for (const std::vector<Panel>& row : made.figure.rows) {
    for (const Panel& panel : row) titles.push_back(panel.title);
  }
  return titles;
}

TEST(ShowKernelsTest, ASheetKeepsTheOrderThatWasAskedFor) {
  EXPECT_THAT(Titles(MakeKernelSheet(ParseKernels({"gaussian", "sobel-x", "dog", "edge"}))),
              ElementsAre("gaussian", "sobel-x", "dog", "edge"));
}

TEST(ShowKernelsTest, ACaptionTellsWhatTheNumbersDoNot) {
  const OwningFigure made = MakeKernelSheet(ParseKernels({"gimp-edge-detect", "gimp-blur", "edge"}));
  const std::vector<Panel>& row = made.figure.rows[0];
  EXPECT_EQ(row[0].caption, "kernel, 3 x 3, bias 0.502");
  EXPECT_EQ(row[1].caption, "kernel, 3 x 3, divided by 9");
  EXPECT_EQ(row[2].caption, "kernel, 3 x 3");
}

TEST(ShowKernelsTest, FiltersOfOneExpressionHaveARowEach) {
  const OwningFigure made = MakeKernelSheet(ParseKernels({"edge", "random:size=3,channels=3,filters=2", "box"}));
  ASSERT_EQ(made.figure.rows.size(), 5u);
  EXPECT_EQ(made.figure.rows[2][0].title, "random:size=3,channels=3,filters=2 1");
  EXPECT_EQ(made.figure.rows[3][0].title, "box");
}

}  // namespace
}  // namespace convscope
