#include "convscope/tasks/filter_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

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
  EXPECT_THAT(labels(FilterPictures({.images = {image}, .kernels = {"identity", "sharpen"}, .channels = {2, 0}})),
              ElementsAre("", "", "", ""));
  EXPECT_THAT(labels(FilterPictures(
                  {.images = {image}, .kernels = {"identity", "sharpen"}, .colour = ReadOptions::Colour::kGrey})),
              ElementsAre("identity", "sharpen"));
}

TEST_F(FilterFigureTest, SeveralKernelsOnSeveralChannelsAreATable) {
  const FilterResult result = FilterPictures(
      {.images = {WriteRamp("cat.png", 9, 12, 3)}, .kernels = {"identity", "sharpen"}, .channels = {2, 0}});
  const OwningFigure made = MakeFilterFigure(result);
  const auto& grid = std::get<GridPlot>(made.figure.rows.back().back().content);
  EXPECT_EQ(grid.columns, 2);
  EXPECT_THAT(grid.row_names, ElementsAre("blue", "red"));
  EXPECT_THAT(grid.column_names, ElementsAre("identity", "sharpen"));
}

TEST_F(FilterFigureTest, CaptionsSayWhatWasComputed) {
  const FilterResult result = FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 1)},
                                              .kernels = {"edge", "sharpen"},
                                              .scale = 127.5,
                                              .padding = ParsePadding("4,2,1,0", ""),
                                              .bias = {0.5f, -0.25f},
                                              .activation = ParseActivation("leaky_relu:0.3"),
                                              .pools = {ParsePool("max:3:2", ""), ParsePool("average:2x4", "")}});
  const Figure figure = MakeFilterFigure(result).figure;
  const std::vector<Panel>& row = figure.rows.back();
  const auto caption = [&](size_t from_end) { return row[row.size() - from_end].caption; };
  EXPECT_THAT(caption(1), HasSubstr("windows of 2 x 4, step 2 x 4"));
  EXPECT_THAT(caption(2), HasSubstr("windows of 3 x 3, step 2"));
  EXPECT_THAT(caption(3), HasSubstr("f(x) = x for x >= 0, 0.3 x for x < 0"));
  EXPECT_THAT(caption(4), HasSubstr("bias 0.5, -0.25"));
  EXPECT_THAT(figure.rows[0][0].caption + row[0].caption, HasSubstr("pixels / 127.5"));
  EXPECT_THAT(figure.footer, HasSubstr("padding 4 above, 2 below, 1 left, 0 right (zero)"));
}

TEST_F(FilterFigureTest, AMapThatIsZeroButForRoundingIsDrawnAsZero) {
  Tensor pixels(Shape{9, 12, 3});
  for (int64_t i = 0; i < pixels.size(); ++i) pixels.data()[i] = 0.3f + 0.2f * static_cast<float>(i % 3);
  const std::string image = (folder_ / "constant.png").string();
  WritePicture(pixels.view(), image);
  // Sums of sevenths are not exact.
  const FilterOptions options{.images = {image},
                              .kernels = {"[[1,2,4],[-7,1,-1],[0,3,-3]]/7", "box"},
                              .activation = MakeActivation(ActivationKind::kTanh)};
  const FilterResult result = FilterPictures(options);
  const OwningFigure made = MakeFilterFigure(result);
  for (size_t stage = 1; stage <= 2; ++stage) {
    const Panel& panel = made.figure.rows[0][made.figure.rows[0].size() - stage];
    const auto& grid = std::get<GridPlot>(panel.content);
    const std::vector<ValueRange> ranges = RangesOf(grid.values);
    EXPECT_TRUE(ranges[0].all_zero());
    EXPECT_GT(ranges[1].low, 0.2f) << "the box is no zero";
    EXPECT_THAT(panel.caption, HasSubstr("rounding of up to"));
  }
  // One pixel of one step is a signal.
  pixels.data()[3 * 50] += 1.0f / 255;
  WritePicture(pixels.view(), image);
  const FilterResult faint = FilterPictures(options);
  const OwningFigure drawn = MakeFilterFigure(faint);
  EXPECT_FALSE(RangesOf(std::get<GridPlot>(drawn.figure.rows[0].back().content).values)[0].all_zero());
}

TEST_F(FilterFigureTest, PoolsAreOnTheScaleOfWhatTheyRead) {
  const FilterResult result = FilterPictures({.images = {WriteRamp("cat.png", 9, 12, 1)},
                                              .kernels = {"box"},
                                              .activation = MakeActivation(ActivationKind::kRelu),
                                              .pools = {{}, {.kind = PoolKind::kAverage}}});
  const OwningFigure made = MakeFilterFigure(result);
  const auto scale = [&](size_t panel) { return *std::get<MapPlot>(made.figure.rows[0][panel].content).scale; };
  EXPECT_EQ(scale(3), scale(4));
  EXPECT_EQ(scale(3), scale(5));
  EXPECT_THAT(made.figure.footer, HasSubstr("pools are on the activation's scale"));
}

TEST_F(FilterFigureTest, AMapThatTheOthersWouldHideHasItsOwnScaleInAllStages) {
  const FilterResult result = FilterPictures(
      {.images = {WriteRamp("cat.png", 9, 12, 1)}, .kernels = {"sobel-x", "0.01*sobel-x"}, .pools = {{}}});
  const OwningFigure made = MakeFilterFigure(result);
  const std::vector<Panel>& row = made.figure.rows[0];
  const auto grid = [&](size_t from_end) { return std::get<GridPlot>(row[row.size() - from_end].content); };
  EXPECT_EQ(grid(2).scaling, GridPlot::Scaling::kPerMap);
  ASSERT_EQ(grid(2).scales.size(), 2u);
  EXPECT_NEAR(grid(2).scales[0].high, 100 * grid(2).scales[1].high, 1e-3);
  EXPECT_EQ(grid(2).scales, grid(1).scales);
  EXPECT_EQ(grid(2).labels[1], "0.01*sobel-x\n±" + NumberText(grid(2).scales[1].high, 3));
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

}  // namespace
}  // namespace convscope
