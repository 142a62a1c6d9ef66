#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/figures/layout.h"
#include "convscope/figures/terminal.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

Figure FigureOf(ScatterPlot plot) {
  return {.rows = {{{.title = "points", .content = std::move(plot)}}}};
}

// Two groups, far apart; the last point is marked.
ScatterPlot TwoGroups() {
  return {.x = {0, 1, 10, 11},
          .y = {0, 1, 4, 5},
          .groups = {0, 0, 1, 1},
          .group_names = {"cat", "dog"},
          .marked = {false, false, false, true},
          .marked_name = "misclassified"};
}

std::string Texts(const Scene& scene) {
  std::string texts;
  for (const SceneText& text : scene.texts) texts += text.text + "\n";
  return texts;
}

struct Drawn {
  double x = 0, y = 0;
  Rgb8 color;
};

// The middles of the marks, those of the legend first.
std::vector<Drawn> Marks(const Scene& scene) {
  std::vector<Drawn> marks;
  for (const ScenePath& path : scene.paths) {
    if (!path.fill) continue;
    double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
    for (const ScenePoint& point : path.points) {
      left = std::min(left, point.x);
      right = std::max(right, point.x);
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
    marks.push_back({(left + right) / 2, (top + bottom) / 2, *path.fill});
  }
  return marks;
}

TEST(ScatterTest, PointsLieWhereTheirNumbersSayInOneUnitForBothAxes) {
  const Scene scene = LayOut(FigureOf(TwoGroups()));
  const std::vector<Drawn> marks = Marks(scene);
  ASSERT_EQ(marks.size(), 2u + 4u);
  const Drawn* const points = marks.data() + 2;
  const double unit = points[1].x - points[0].x;
  EXPECT_GT(unit, 0);
  EXPECT_NEAR(points[0].y - points[1].y, unit, 1e-6);  // up is up
  EXPECT_NEAR(points[2].x - points[0].x, 10 * unit, 1e-6);
  EXPECT_NEAR(points[0].y - points[3].y, 5 * unit, 1e-6);
  EXPECT_EQ(points[0].color, GroupColor(0));
  EXPECT_EQ(points[3].color, GroupColor(1));
}

TEST(ScatterTest, NamesItsGroupsAndRingsWhatIsMarked) {
  const Scene scene = LayOut(FigureOf(TwoGroups()));
  EXPECT_THAT(Texts(scene), AllOf(HasSubstr("cat\n"), HasSubstr("dog\n"), HasSubstr("misclassified (1)\n")));
  const auto rings = std::count_if(scene.paths.begin(), scene.paths.end(),
                                   [](const ScenePath& path) { return path.curved && path.stroke && !path.fill; });
  EXPECT_EQ(rings, 2);  // the point's and the legend's
}

TEST(ScatterTest, TenGroupsHaveColoursOfTheirOwnAndMoreHaveNumbers) {
  ScatterPlot plot;
  for (int g = 0; g < 10; ++g) {
    plot.group_names.push_back("a");
    for (int i = 0; i < 3; ++i) {
      plot.x.push_back(g);
      plot.y.push_back(i * i);
      plot.groups.push_back(g);
    }
    for (int before = 0; before < g; ++before) EXPECT_NE(GroupColor(g), GroupColor(before));
  }
  const auto numbers = [](const Scene& scene) {
    return std::count_if(scene.texts.begin(), scene.texts.end(),
                         [](const SceneText& text) { return text.role == SceneText::Role::kNumber; });
  };
  EXPECT_EQ(numbers(LayOut(FigureOf(plot))), 0);
  plot.group_names.push_back("whale");  // without points: in the legend alone
  const Scene scene = LayOut(FigureOf(plot));
  EXPECT_EQ(numbers(scene), 10);
  EXPECT_THAT(Texts(scene), HasSubstr("10 whale\n"));
  // A number stands where the middle one of its three points is.
  const auto third = std::find_if(scene.texts.begin(), scene.texts.end(), [](const SceneText& text) {
    return text.role == SceneText::Role::kNumber && text.text == "3";
  });
  const Drawn middle = Marks(scene)[11 + 3 * 3 + 1];
  EXPECT_NEAR(third->box.x + third->box.width / 2, middle.x, 1e-6);
  EXPECT_NEAR(third->box.y + third->box.height / 2, middle.y, 1e-6);
}

TEST(ScatterTest, NumbersThatWouldHideOneAnotherAreLeftOutAndSaid) {
  ScatterPlot plot;
  for (int g = 0; g < 12; ++g) {  // all in one place but the last
    plot.group_names.push_back("a");
    plot.x.push_back(g == 11 ? 100 : 0);
    plot.y.push_back(0);
    plot.groups.push_back(g);
  }
  const Scene scene = LayOut(FigureOf(plot));
  EXPECT_EQ(std::count_if(scene.texts.begin(), scene.texts.end(),
                          [](const SceneText& text) { return text.role == SceneText::Role::kNumber; }),
            2);
  EXPECT_THAT(Texts(scene), HasSubstr("10 of the numbers left out"));
}

TEST(ScatterTest, NothingLeavesThePage) {
  ScatterPlot plot = TwoGroups();
  plot.x_label = "component 1 (60 %)";
  plot.y_label = "component 2 (20 %)";
  for (int g = 2; g < 50; ++g) plot.group_names.push_back("a group with a long name");
  const Scene scene = LayOut(FigureOf(plot), {.width = 400});
  for (const SceneText& text : scene.texts) {
    EXPECT_GE(text.box.x, 0) << text.text;
    EXPECT_LE(text.box.right(), scene.width) << text.text;
    EXPECT_LE(text.box.bottom(), scene.height) << text.text;
  }
  for (const Drawn& mark : Marks(scene)) {
    EXPECT_GE(mark.x, 0);
    EXPECT_LE(mark.x, scene.width);
    EXPECT_LE(mark.y, scene.height);
  }
  EXPECT_THAT(Texts(scene), HasSubstr("look alike"));
}

TEST(ScatterTest, PicturesAreDrawnWhereTheyHideNoOther) {
  ScatterPlot plot = TwoGroups();
  plot.x[1] = 0.1;
  plot.y[1] = 0.1;  // under the first picture
  const Tensor pictures = Tensor::Zeros({4, 5, 5, 1});
  plot.pictures = pictures.view();
  const Scene scene = LayOut(FigureOf(plot));
  EXPECT_EQ(scene.images.size(), 3u);
  for (size_t i = 0; i < scene.images.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Box &a = scene.images[i].box, &b = scene.images[j].box;
      EXPECT_FALSE(a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom());
    }
  }
  EXPECT_EQ(Marks(scene).size(), 2u);  // the legend's
  EXPECT_THAT(Texts(scene), HasSubstr("pictures of 3 of 4 points"));
  EXPECT_THAT(Texts(scene), HasSubstr("black"));  // a frame around those that are marked
  plot.marked.clear();
  EXPECT_THAT(Texts(LayOut(FigureOf(plot))), Not(HasSubstr("black")));
}

TEST(ScatterTest, PointsThatAreNoNumbersAreLeftOutAndSaid) {
  ScatterPlot plot = TwoGroups();
  plot.x[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Texts(LayOut(FigureOf(plot))), HasSubstr("1 point is NaN or infinite and left out"));
  plot.x = std::vector<double>(4, std::numeric_limits<double>::infinity());
  EXPECT_THAT([&] { LayOut(FigureOf(plot)); }, ThrowsMessage<Error>(HasSubstr("a point that can be drawn")));
}

TEST(ScatterTest, OnePointIsDrawn) {
  EXPECT_EQ(Marks(LayOut(FigureOf({.x = {3}, .y = {4}}))).size(), 1u);
}

TEST(ScatterTest, WhatDoesNotFitTogetherIsRefused) {
  ScatterPlot plot = TwoGroups();
  plot.groups[0] = 2;
  EXPECT_THAT([&] { LayOut(FigureOf(plot)); }, ThrowsMessage<Error>(HasSubstr("each group has a name")));
  plot = TwoGroups();
  const Tensor pictures = Tensor::Zeros({3, 5, 5, 1});
  plot.pictures = pictures.view();
  EXPECT_THAT([&] { LayOut(FigureOf(plot)); }, ThrowsMessage<Error>(HasSubstr("(3, 5, 5, 1) for 4 points")));
}

TEST(ScatterTest, IsLettersInCharacterCells) {
  const Terminal terminal{.columns = 60, .rows = 24, .graphics = Terminal::Graphics::kPlain};
  const std::string text = RenderForTerminal(FigureOf(TwoGroups()), terminal);
  EXPECT_THAT(text, AllOf(HasSubstr("a cat   b dog   upper case: misclassified (1)"), HasSubstr("|a"), HasSubstr("B"),
                          Not(HasSubstr("A"))));
  EXPECT_LT(text.find('B'), text.rfind('a'));  // up is up
}

}  // namespace
}  // namespace convscope
