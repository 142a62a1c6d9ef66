#include "convscope/tasks/filter_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A folder that is gone after the test, with a picture whose pixels get darker from left to right.
class FilterFigureTest : public ::testing::Test {
 protected:
  FilterFigureTest() { std::filesystem::create_directories(folder_); }
  ~FilterFigureTest() override { std::filesystem::remove_all(folder_); }

  std::string WriteRamp(const std::string& name, int64_t rows, int64_t columns, int64_t channels, float brightest = 1) {
    Tensor pixels(Shape{rows, columns, channels});
    for (int64_t i = 0; i < pixels.size(); ++i) {
      pixels.data()[i] = brightest * (1 - static_cast<float>(i / channels % columns) / static_cast<float>(columns));
    }
    WritePicture(pixels.view(), folder_ / name);
    return (folder_ / name).string();
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / Concat("convscope_filter_figure_", getpid());
};

std::vector<std::string> Titles(const std::vector<Panel>& row) {
  std::vector<std::string> titles;
  for (const Panel& panel : row) titles.push_back(panel.title);
  return titles;
}

TEST_F(FilterFigureTest, ARowReadsAsTheComputationWent) {
  const FilterResult result = FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 1)},
                                              .kernels = {"edge"},
                                              .activation = MakeActivation(ActivationKind::kRelu),
                                              .pools = {{}, {.kind = PoolKind::kAverage}}});
  const OwningFigure made = MakeFilterFigure(result);
  ASSERT_EQ(made.figure.rows.size(), 1u);
  EXPECT_THAT(Titles(made.figure.rows[0]),
              ElementsAre("cat.png", "edge", "conv", "activation (relu)", "max pool", "average pool"));
  const auto& kernel = std::get<MatrixPlot>(made.figure.rows[0][1].content);
  EXPECT_EQ(kernel.values.shape(), (Shape{3, 3}));
  EXPECT_EQ(kernel.values[4], 8);
  const auto& conv = std::get<MapPlot>(made.figure.rows[0][2].content);
  EXPECT_EQ(conv.values.data(), result.pictures[0].trace["conv"].data());
}

TEST_F(FilterFigureTest, AMapHasTheColoursOfItsKernelsSigns) {
  const auto colours = [&](const std::string& kernel, std::optional<Activation> activation, size_t panel) {
    const FilterResult result =
        FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 1)}, .kernels = {kernel}, .activation = activation});
    return std::get<MapPlot>(MakeFilterFigure(result).figure.rows[0][panel].content).scale->map;
  };
  EXPECT_EQ(colours("box", {}, 2), ColorMap::kViridis);
  EXPECT_EQ(colours("sharpen", {}, 2), ColorMap::kDiverging) << "of a ramp all of its values are positive";
  EXPECT_EQ(colours("sharpen", MakeActivation(ActivationKind::kRelu), 3), ColorMap::kViridis);
}

TEST_F(FilterFigureTest, SeveralPicturesAreRowsUnderTheKernelWithOneScaleForEachStage) {
  const FilterResult result = FilterPictures(
      {.images = {WriteRamp("bright.png", 9, 12, 1), WriteRamp("dark.png", 9, 12, 1, 0.5f)}, .kernels = {"sobel-x"}});
  const OwningFigure made = MakeFilterFigure(result);
  ASSERT_EQ(made.figure.rows.size(), 3u);
  EXPECT_THAT(Titles(made.figure.rows[0]), ElementsAre("sobel-x"));
  EXPECT_THAT(Titles(made.figure.rows[2]), ElementsAre("dark.png", "conv"));
  const auto scale = [&](size_t row) { return std::get<MapPlot>(made.figure.rows[row][1].content).scale; };
  ASSERT_TRUE(scale(1).has_value());
  EXPECT_EQ(scale(1), scale(2));
  EXPECT_THAT(made.figure.footer, HasSubstr("one scale in all rows"));
}

TEST_F(FilterFigureTest, APictureThatTheOthersWouldHideHasScalesOfItsOwn) {
  const FilterResult result = FilterPictures(
      {.images = {WriteRamp("bright.png", 9, 12, 1), WriteRamp("dark.png", 9, 12, 1, 0.1f)}, .kernels = {"sobel-x"}});
  const OwningFigure made = MakeFilterFigure(result);
  const auto scale = [&](size_t row) { return *std::get<MapPlot>(made.figure.rows[row][1].content).scale; };
  EXPECT_GT(scale(1).high, 5 * scale(2).high);
  EXPECT_THAT(made.figure.footer, HasSubstr("each row has its own scales"));
}

TEST_F(FilterFigureTest, AnEmptyMapHidesNobodyAndIsHiddenByNobody) {
  const FilterResult result = FilterPictures(
      {.images = {WriteRamp("bright.png", 9, 12, 1), WriteRamp("black.png", 9, 12, 1, 0)}, .kernels = {"sobel-x"}});
  EXPECT_THAT(MakeFilterFigure(result).figure.footer, HasSubstr("one scale in all rows"));
}

TEST_F(FilterFigureTest, ACropIsFramedInTheFirstPictureOnly) {
  const std::string cat = WriteRamp("cat.png", 9, 12, 1), dog = WriteRamp("dog.png", 9, 12, 1);
  const FilterResult result = FilterPictures({.images = {cat, dog}, .kernels = {"crop:2,3,4,5"}});
  const OwningFigure made = MakeFilterFigure(result);
  const auto& frames = std::get<MapPlot>(made.figure.rows[1][0].content).frames;
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].row, 2);
  EXPECT_EQ(frames[0].column, 3);
  EXPECT_EQ(frames[0].rows, 4);
  EXPECT_EQ(frames[0].columns, 5);
  EXPECT_TRUE(std::get<MapPlot>(made.figure.rows[2][0].content).frames.empty());
}

TEST_F(FilterFigureTest, ACropOfTwoChannelsIsFramedOnEachOfThem) {
  const FilterResult result =
      FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 3)}, .kernels = {"crop:2,3,4,5"}, .channels = {2, 0}});
  const OwningFigure made = MakeFilterFigure(result);
  const Tensor& input = result.pictures[0].trace["input"];
  for (int64_t c = 0; c < 2; ++c) {
    const Panel& panel = made.figure.rows.back()[c];
    EXPECT_THAT(panel.caption, HasSubstr(c == 0 ? "blue" : "red"));
    const auto& plot = std::get<MapPlot>(panel.content);
    ASSERT_EQ(plot.frames.size(), 1u);
    EXPECT_EQ(plot.frames[0].row, 2);
    for (int64_t i = 0; i < 9 * 12; ++i) EXPECT_EQ(plot.values[i], input.data()[2 * i + c]);
  }
}

TEST_F(FilterFigureTest, MapsOfChannelsFilteredAloneAreCalledByThem) {
  const std::string image = WriteRamp("cat.png", 9, 12, 3);
  const auto labels = [](const FilterResult& result) {
    return std::get<GridPlot>(MakeFilterFigure(result).figure.rows.back().back().content).labels;
  };
  EXPECT_THAT(labels(FilterPictures({.images = {image}, .kernels = {"edge"}})), ElementsAre("red", "green", "blue"));
  EXPECT_THAT(labels(FilterPictures({.images = {image}, .kernels = {"edge", "sharpen"}, .channels = {2, 0}})),
              ElementsAre("0 blue", "1 blue", "0 red", "1 red"));
  EXPECT_TRUE(
      labels(FilterPictures({.images = {image}, .kernels = {"edge", "sharpen"}, .colour = ReadOptions::Colour::kGrey}))
          .empty());
}

TEST_F(FilterFigureTest, ThreeMapsAreOneColourPictureOnRequest) {
  const std::string image = WriteRamp("cat.png", 9, 12, 3);
  const FilterResult colour = FilterPictures({.images = {image}, .kernels = {"sharpen"}});
  EXPECT_EQ(std::get<GridPlot>(MakeFilterFigure(colour).figure.rows[0][2].content).values.shape(), (Shape{7, 10, 3}));
  EXPECT_EQ(std::get<MapPlot>(MakeFilterFigure(colour, {.as_rgb = true}).figure.rows[0][2].content).values.shape(),
            (Shape{7, 10, 3}));
  const FilterResult grey =
      FilterPictures({.images = {image}, .kernels = {"sharpen"}, .colour = ReadOptions::Colour::kGrey});
  EXPECT_THAT([&] { MakeFilterFigure(grey, {.as_rgb = true}); }, ThrowsMessage<Error>(HasSubstr("three output maps")));
}

TEST_F(FilterFigureTest, APictureOfAnotherScaleIsDrawnWithWhiteAsWhite) {
  const FilterResult result =
      FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 3)}, .kernels = {"identity"}, .scale = 1});
  EXPECT_EQ(result.pictures[0].trace["input"].data()[0], 255);
  const OwningFigure made = MakeFilterFigure(result);
  EXPECT_NEAR(std::get<MapPlot>(made.figure.rows[0][0].content).values[0], 1, 1e-6);
}

TEST(KernelPanelsTest, FewPlanesAreMatricesAndManyAreAGrid) {
  std::vector<Tensor> arrays;
  Tensor kernels(Shape{2, 2, 3, 2});
  for (int64_t i = 0; i < kernels.size(); ++i) kernels.data()[i] = static_cast<float>(i);
  const std::vector<Panel> planes = KernelPanels(kernels, {"a", "b"}, arrays);
  ASSERT_EQ(planes.size(), 6u);
  // Channel 1 of filter "b" at (1, 0): row 1, column 0 of 2 x 2, channel 1 of 3, filter 1 of 2.
  EXPECT_EQ(planes[4].title, "b");
  EXPECT_EQ(std::get<MatrixPlot>(planes[4].content).values[2], ((1 * 2 + 0) * 3 + 1) * 2 + 1);
  // A scale for each kernel, shared by its channels.
  const auto scale = [&](size_t i) { return *std::get<MatrixPlot>(planes[i].content).scale; };
  EXPECT_EQ(scale(3), scale(5));
  EXPECT_EQ(scale(0).high, 22);
  EXPECT_EQ(scale(3).high, 23);
  const std::vector<Panel> grid = KernelPanels(Tensor::Zeros({3, 3, 1, 17}), std::vector<std::string>(17), arrays);
  ASSERT_EQ(grid.size(), 1u);
  EXPECT_EQ(std::get<GridPlot>(grid[0].content).values.shape(), (Shape{3, 3, 17}));
}

TEST(KernelPanelsTest, MoreNumbersThanAPageTakesAreAGrid) {
  std::vector<Tensor> arrays;
  EXPECT_EQ(KernelPanels(Tensor::Zeros({5, 5, 1, 9}), std::vector<std::string>(9), arrays).size(), 9u);
  EXPECT_EQ(KernelPanels(Tensor::Zeros({5, 5, 1, 10}), std::vector<std::string>(10), arrays).size(), 1u);
  EXPECT_EQ(KernelPanels(Tensor::Zeros({15, 15, 1, 1}), {"one"}, arrays).size(), 1u);
  EXPECT_TRUE(
      std::holds_alternative<MatrixPlot>(KernelPanels(Tensor::Zeros({21, 21, 1, 1}), {"one"}, arrays)[0].content));
}

TEST(KernelPanelsTest, KernelsOfAGridShareAScaleUnlessItHidesOne) {
  std::vector<Tensor> arrays;
  Tensor kernels(Shape{1, 2, 1, 17});
  for (int64_t i = 0; i < kernels.size(); ++i) kernels.data()[i] = 1;
  const auto scaling = [&] {
    return std::get<GridPlot>(KernelPanels(kernels, std::vector<std::string>(17, "k"), arrays)[0].content).scaling;
  };
  EXPECT_EQ(scaling(), GridPlot::Scaling::kShared);
  kernels.data()[3] = 100;
  EXPECT_EQ(scaling(), GridPlot::Scaling::kPerMap);
}

TEST(KernelPanelsTest, AGridOfAFewNamesItsKernels) {
  std::vector<Tensor> arrays;
  const auto caption = [&](int64_t filters, bool named) {
    std::vector<std::string> names;
    for (int64_t f = 0; f < filters; ++f) names.push_back(named ? Concat("k", f) : "same");
    return KernelPanels(Tensor::Zeros({21, 21, 1, filters}), names, arrays)[0].caption;
  };
  EXPECT_EQ(caption(3, true), "3 kernels, 21 x 21\n0: k0\n1: k1\n2: k2");
  EXPECT_EQ(caption(3, false), "3 kernels, 21 x 21");
  EXPECT_EQ(caption(9, true), "9 kernels, 21 x 21");
}

}  // namespace
}  // namespace convscope
