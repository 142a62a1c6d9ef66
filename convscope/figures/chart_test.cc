#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/figures/layout.h"
#include "convscope/figures/terminal.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pointwise;
using ::testing::ThrowsMessage;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Figure FigureOf(auto plot) {
  return {.rows = {{{.title = "panel", .content = std::move(plot)}}}};
}

std::vector<std::string> TextsOf(const Scene& scene) {
  std::vector<std::string> texts;
  for (const SceneText& text : scene.texts) texts.push_back(text.text);
  return texts;
}

std::vector<ScenePath> LinesOf(const Scene& scene) {
  std::vector<ScenePath> lines;
  for (const ScenePath& path : scene.paths) {
    if (path.role == ScenePath::Role::kSeries) lines.push_back(path);
  }
  return lines;
}

void ExpectInsideAndApart(const Scene& scene) {
  for (const SceneText& text : scene.texts) {
    EXPECT_GE(text.box.x, 0) << text.text;
    EXPECT_LE(text.box.right(), scene.width) << text.text;
    EXPECT_LE(text.box.bottom(), scene.height) << text.text;
    for (const SceneText& other : scene.texts) {
      if (&other == &text) continue;
      const bool apart = text.box.right() <= other.box.x + 0.5 || other.box.right() <= text.box.x + 0.5 ||
                         text.box.bottom() <= other.box.y + 2 || other.box.bottom() <= text.box.y + 2;
      EXPECT_TRUE(apart) << text.text << " overlaps " << other.text;
    }
  }
}

ChartPlot Loss() {
  return {.series = {{.name = "loss", .x = {0, 1, 2, 3, 4}, .y = {2.3, 1.1, 0.6, 0.45, 0.4}},
                     {.name = "validation loss", .x = {0, 1, 2, 3, 4}, .y = {1.9, 1.0, 0.7, 0.55, 0.52}}},
          .x_label = "epoch",
          .y_label = "loss"};
}

TEST(ChartTest, DrawsEachSeriesBetweenAxesWithRoundNumbers) {
  const Scene scene = LayOut(FigureOf(Loss()));
  EXPECT_THAT(TextsOf(scene),
              IsSupersetOf({"loss", "validation loss", "epoch", "0", "1", "2", "3", "4", "0.5", "1.5"}));
  ExpectInsideAndApart(scene);
  const std::vector<ScenePath> lines = LinesOf(scene);  // two in the legend, two in the chart
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[2].stroke, SeriesColor(0));
  EXPECT_EQ(lines[3].stroke, SeriesColor(1));
  ASSERT_EQ(lines[2].points.size(), 5u);
  // The first value is the largest of all and stands highest; equal steps of x are equally far apart.
  for (const ScenePath& line : {lines[2], lines[3]}) {
    for (const ScenePoint& point : line.points) EXPECT_GE(point.y, lines[2].points[0].y);
  }
  EXPECT_NEAR(lines[2].points[1].x - lines[2].points[0].x, lines[2].points[4].x - lines[2].points[3].x, 1e-9);
  // Heights are in proportion to values.
  const auto& y = lines[2].points;
  EXPECT_NEAR((y[0].y - y[1].y) / (2.3 - 1.1), (y[1].y - y[2].y) / (1.1 - 0.6), 1e-6);
}

TEST(ChartTest, WritesWholeNumbersAsTheyAreCounted) {
  const std::vector<std::string> texts =
      TextsOf(LayOut(FigureOf(ChartPlot{.series = {{.name = "", .x = {0, 60}, .y = {0, 30000}}}})));
  EXPECT_THAT(texts, IsSupersetOf({"0", "20", "40", "60", "10000", "30000"}));
}

TEST(ChartTest, LabelsUnderTheAxisAreEvenlyFarApart) {
  for (const double end : {0.21, 0.26, 0.34, 0.47, 0.52, 0.77, 1.04}) {
    const Scene scene = LayOut(FigureOf(
        ChartPlot{.series = {{.name = "", .x = {-end, 0, end}, .y = {0, 1, 0}}}, .x_label = "", .least_height = 60}));
    double lowest = 0;
    for (const SceneText& text : scene.texts) lowest = std::max(lowest, text.box.y);
    std::vector<double> middles;
    for (const SceneText& text : scene.texts) {
      if (text.box.y == lowest) middles.push_back(text.box.x + text.box.width / 2);
    }
    ASSERT_GE(middles.size(), 2u) << end;
    for (size_t i = 2; i < middles.size(); ++i) {
      EXPECT_NEAR(middles[i] - middles[i - 1], middles[1] - middles[0], 1e-6) << end;
    }
  }
}

TEST(ChartTest, DashesTheLinesThatGetAColourForTheSecondTime) {
  ChartPlot plot;
  for (int i = 0; i < kSeriesColors + 1; ++i) plot.series.push_back({.name = "", .x = {0, 1}, .y = {0.0 + i, 1.0 + i}});
  const std::vector<ScenePath> lines = LinesOf(LayOut(FigureOf(plot)));
  ASSERT_EQ(lines.size(), plot.series.size());
  EXPECT_EQ(lines.front().stroke, lines.back().stroke);
  EXPECT_FALSE(lines.front().dashed);
  EXPECT_TRUE(lines.back().dashed);
}

TEST(ChartTest, WhatIsCountedHasTicksAtWholeNumbersAlone) {
  const Scene counts = LayOut(FigureOf(ChartPlot{.series = {{.name = "", .x = {1, 2}, .y = {0, 3}}}}));
  EXPECT_THAT(TextsOf(counts), AllOf(IsSupersetOf({"0", "1", "2", "3"}), Not(Contains("1.5")), Not(Contains("0.5"))));
  const Scene one = LayOut(FigureOf(ChartPlot{.series = {{.name = "", .x = {1}, .y = {0.25}}}}));
  EXPECT_THAT(TextsOf(one), AllOf(Contains("1"), Not(Contains("0.8"))));
  const Scene measured = LayOut(FigureOf(ChartPlot{.series = {{.name = "", .x = {0.5, 2}, .y = {0, 0.25}}}}));
  EXPECT_THAT(TextsOf(measured), Contains("1.5"));
}

TEST(ChartTest, WritesLongNamesOfBarsInTwoLines) {
  const std::string name = "/backbone/stage0/block_12/convolution/Conv";
  const Scene scene = LayOut(FigureOf(BarPlot{.names = {name, "pool"}, .values = {7.5, 8.5}}));
  std::string written;
  for (const std::string& text : TextsOf(scene)) {
    if (name.find(text) != std::string::npos) written += text;
  }
  EXPECT_EQ(written, name);
  ExpectInsideAndApart(scene);
}

TEST(ChartTest, BreaksTheLineWhereAValueIsNotFiniteAndSaysSo) {
  ChartPlot plot{.series = {{.name = "", .x = {0, 1, 2, 3, 4}, .y = {1, 2, kNaN, 3, 4}}}};
  const Scene scene = LayOut(FigureOf(plot));
  EXPECT_EQ(LinesOf(scene).size(), 2u);
  EXPECT_THAT(TextsOf(scene), Contains(HasSubstr("1 value is NaN or infinite and left out")));
}

TEST(ChartTest, PutsPowersOfTenOnALogarithmicAxisAndLeavesOutZero) {
  ChartPlot plot{.series = {{.x = {0, 1, 2}, .y = {100, 0, 0.01}}}, .log_y = true};
  const Scene scene = LayOut(FigureOf(plot));
  EXPECT_THAT(TextsOf(scene), AllOf(Contains("100"), Contains("1"), Contains("0.01"), Not(Contains("50"))));
  EXPECT_THAT(TextsOf(scene), Contains(HasSubstr("1 value is not above zero")));
}

TEST(ChartTest, DrawsThousandsOfPointsAsTheExtremesOfEachPixelColumn) {
  Series series{.name = "steps"};
  for (int i = 0; i < 20000; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 12345 ? 9 : i % 2);
  }
  const Scene scene = LayOut(FigureOf(ChartPlot{.series = {series}}));
  const ScenePath line = LinesOf(scene).back();
  EXPECT_LT(line.points.size(), 8000u);
  // The one large value is still there, and everything else is far below it.
  const auto higher = [](const ScenePoint& a, const ScenePoint& b) { return a.y < b.y; };
  const double top = std::min_element(line.points.begin(), line.points.end(), higher)->y;
  const double bottom = std::max_element(line.points.begin(), line.points.end(), higher)->y;
  EXPECT_EQ(std::count_if(line.points.begin(), line.points.end(),
                          [&](const ScenePoint& p) { return p.y < top + (bottom - top) / 2; }),
            1);
}

TEST(ChartTest, ErrorsNameThePanelAndTheSeries) {
  EXPECT_THAT(
      [] {
        LayOut(FigureOf(ChartPlot{.series = {{.name = "loss", .x = {1, 2}, .y = {1}}}}));
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("panel \"panel\""), HasSubstr("loss"), HasSubstr("2 and 1"))));
  EXPECT_THAT([] { LayOut(FigureOf(ChartPlot{})); }, ThrowsMessage<Error>(HasSubstr("a point that can be drawn")));
  EXPECT_THAT([] { LayOut(FigureOf(BarPlot{.names = {"a"}, .values = {kNaN}})); },
              ThrowsMessage<Error>(HasSubstr("finite")));
}

TEST(BarTest, WritesNamesAndValuesAndDrawsLengthsInProportion) {
  const Scene scene = LayOut(FigureOf(BarPlot{
      .names = {"Ankle boot", "Sneaker"}, .values = {0.9, 0.045}, .high = 1, .marked = {0}, .format = "percent"}));
  EXPECT_THAT(TextsOf(scene), IsSupersetOf({"Ankle boot", "90 %", "Sneaker", "4.5 %"}));
  ExpectInsideAndApart(scene);
  std::vector<SceneRectangle> bars;
  for (const SceneRectangle& rectangle : scene.rectangles) {
    if (rectangle.role == SceneRectangle::Role::kBar) bars.push_back(rectangle);
  }
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_NEAR(bars[0].box.width / bars[1].box.width, 0.9 / 0.045, 1e-9);
  EXPECT_NE(bars[0].fill, bars[1].fill);
}

TEST(BarTest, LeavesOutTheNamesThatStandAtTheLeftAndIsLevelWithThem) {
  BarPlot named{.names = {"/backbone/stage0/block_12/convolution/Conv", "pool"}, .values = {7.5, 8.5}};
  BarPlot beside = named;
  beside.names_at_left = true;
  const Scene scene = LayOut(Figure{.rows = {{Panel{.content = named}, Panel{.content = beside}}}});
  const std::vector<std::string> texts = TextsOf(scene);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "pool"), 1);
  std::vector<SceneRectangle> bars;
  for (const SceneRectangle& rectangle : scene.rectangles) {
    if (rectangle.role == SceneRectangle::Role::kBar) bars.push_back(rectangle);
  }
  ASSERT_EQ(bars.size(), 4u);
  EXPECT_EQ(bars[0].box.y, bars[2].box.y);
  EXPECT_EQ(bars[1].box.y, bars[3].box.y);
  EXPECT_LT(bars[1].box.x, bars[2].box.x);
}

TEST(BarTest, WritesWhatIsGivenInPlaceOfAValueAndDrawsBarsOfALengthThatIsGiven) {
  const Scene scene = LayOut(FigureOf(BarPlot{.names = {"conv", "pool", "dense"},
                                              .values = {0.5, 0, 1},
                                              .format = "percent",
                                              .written = {"", "-", ""},
                                              .most_length = 77}));
  EXPECT_THAT(TextsOf(scene), IsSupersetOf({"50 %", "-", "100 %"}));
  EXPECT_THAT(TextsOf(scene), Not(Contains("0 %")));
  double longest = 0;
  for (const SceneRectangle& rectangle : scene.rectangles) {
    if (rectangle.role == SceneRectangle::Role::kBar) longest = std::max(longest, rectangle.box.width);
  }
  EXPECT_NEAR(longest, 77, 0.5);  // places are rounded to the device's pixels, of half a point
  EXPECT_THROW(LayOut(FigureOf(BarPlot{.names = {"conv"}, .values = {1}, .written = {"", ""}})), Error);
}

// What a dichromat sees of a colour, in linear RGB (Machado, Oliveira and Fernandes, "A Physiologically-based Model for
// Simulation of Color Vision Deficiency", 2009, severity 1), and how far apart two are in CIE L*a*b*.
using Matrix3 = std::array<std::array<double, 3>, 3>;
constexpr Matrix3 kEveryColor = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix3 kDichromats[] = {
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}}};

std::array<double, 3> LabOf(Rgb8 color, const Matrix3& seen) {
  const auto times = [](const Matrix3& m, const std::array<double, 3>& v) {
    std::array<double, 3> product{};
    for (size_t i = 0; i < 3; ++i) product[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
    return product;
  };
  const auto linear = [](uint8_t channel) {
    const double v = channel / 255.0;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  std::array<double, 3> rgb = times(seen, {linear(color.r), linear(color.g), linear(color.b)});
  for (double& v : rgb) v = std::clamp(v, 0.0, 1.0);
  constexpr Matrix3 kToXyz = {{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}};
  std::array<double, 3> f = times(kToXyz, rgb);
  const double white[] = {0.95047, 1, 1.08883};
  for (size_t i = 0; i < 3; ++i) {
    const double t = f[i] / white[i];
    f[i] = t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

double Apart(int a, int b, const Matrix3& seen) {
  const auto p = LabOf(GroupColor(a), seen), q = LabOf(GroupColor(b), seen);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

TEST(ChartTest, GroupsAreToldApartWhateverTheColourVision) {
  for (int a = 0; a < kGroupColors; ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_GE(Apart(a, b, kEveryColor), 46) << a << " and " << b;
      for (const Matrix3& seen : kDichromats) EXPECT_GE(Apart(a, b, seen), 30) << a << " and " << b;
    }
    // And none is a grey, nor lost on white.
    const auto lab = LabOf(GroupColor(a), kEveryColor);
    EXPECT_GE(std::hypot(lab[1], lab[2]), 25) << a;
    EXPECT_GE(Contrast(GroupColor(a), {255, 255, 255}), 1.5) << a;
  }
}

NetworkPlot Branches() {
  return {.nodes = {{.title = "input", .kind = 0},
                    {.title = "conv_1", .lines = {"Conv2D 3x3, 64", "640 parameters"}, .kind = 1, .group = 0},
                    {.title = "pool_1", .kind = 2, .group = 0},
                    {.title = "add", .kind = 3}},
          .edges = {{0, 1, "(1, 28, 28, 1)"}, {1, 2, "(1, 26, 26, 64)"}, {2, 3, ""}, {0, 3, ""}},
          .groups = {"layer1"}};
}

TEST(NetworkTest, PlacesBoxesInTheOrderOfTheArrowsAndGroupsAroundTheirBoxes) {
  const Scene scene = LayOut(FigureOf(Branches()));
  EXPECT_THAT(TextsOf(scene), IsSupersetOf({"input", "conv_1", "Conv2D 3x3, 64", "(1, 26, 26, 64)", "layer1", "add"}));
  ExpectInsideAndApart(scene);
  std::vector<Box> nodes, groups;
  for (const SceneRectangle& rectangle : scene.rectangles) {
    if (rectangle.role == SceneRectangle::Role::kNode) nodes.push_back(rectangle.box);
    if (rectangle.role == SceneRectangle::Role::kGroup) groups.push_back(rectangle.box);
  }
  ASSERT_EQ(nodes.size(), 4u);
  ASSERT_EQ(groups.size(), 1u);
  for (size_t i = 1; i < nodes.size(); ++i) EXPECT_LT(nodes[i - 1].bottom(), nodes[i].y);
  for (const size_t inside : {1, 2}) {
    EXPECT_LE(groups[0].x, nodes[inside].x);
    EXPECT_GE(groups[0].right(), nodes[inside].right());
    EXPECT_LE(groups[0].y, nodes[inside].y);
    EXPECT_GE(groups[0].bottom(), nodes[inside].bottom());
  }
  const auto arrows = std::count_if(scene.paths.begin(), scene.paths.end(),
                                    [](const ScenePath& p) { return p.role == ScenePath::Role::kArrow; });
  EXPECT_EQ(arrows, 4);
}

TEST(NetworkTest, FromLeftToRightThePageIsAsWideAsItsTextsNeed) {
  NetworkPlot chain{.left_to_right = true};
  for (int i = 0; i < 20; ++i) {
    chain.nodes.push_back({.title = "layer " + std::to_string(i), .lines = {"Conv 3x3, 64 filters"}});
    if (i > 0) chain.edges.push_back({i - 1, i, "(None, 28, 28, 1)"});
  }
  const Scene scene = LayOut(FigureOf(chain));
  EXPECT_GT(scene.width, LayoutOptions().width);
  for (const SceneText& text : scene.texts) EXPECT_GE(text.style.size, 6.7) << text.text;
  for (const SceneRectangle& rectangle : scene.rectangles) EXPECT_LE(rectangle.box.right(), scene.width);
}

TEST(NetworkTest, ErrorsTellAnArrowToNowhere) {
  NetworkPlot plot = Branches();
  plot.edges.push_back({3, 4, ""});
  EXPECT_THAT([&] { LayOut(FigureOf(plot)); },
              ThrowsMessage<Error>(AllOf(HasSubstr("two of the 4 boxes"), HasSubstr("3 to 4"))));
}

TEST(ChartTest, DrawsInCharacterCellsToo) {
  const Terminal terminal{.columns = 60, .rows = 24, .graphics = Terminal::Graphics::kPlain};
  const std::string chart = RenderForTerminal(FigureOf(Loss()), terminal);
  EXPECT_THAT(chart, AllOf(HasSubstr("* loss   o validation loss"), HasSubstr("epoch"), HasSubstr("|*")));
  const std::string bars =
      RenderForTerminal(FigureOf(BarPlot{.names = {"cat", "horse"}, .values = {1, 0.5}}), terminal);
  EXPECT_THAT(bars, AllOf(HasSubstr("  cat ####"), HasSubstr("horse ####"), HasSubstr("# 0.5")));
  EXPECT_THAT(RenderForTerminal(FigureOf(Branches()), terminal),
              AllOf(HasSubstr("\nlayer1/conv_1  Conv2D 3x3, 64"), HasSubstr("-> layer1/pool_1  (1, 26, 26, 64)"),
                    HasSubstr("\nadd\n")));
}

}  // namespace
}  // namespace convscope
