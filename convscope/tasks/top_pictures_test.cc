#include "convscope/tasks/top_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "convscope/figures/render.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// One channel whose most exciting picture is the only one, 4 x 4 pixels of 0.5; its value sees `box`.
TopOutcome OneEntry(const FieldBox& box, int64_t channels = 1) {
  Tensor images(Shape{1, 4, 4, 1});
  for (float& value : images.view().span()) value = 0.5f;
  TopOutcome outcome{
      .model = "net",
      .data = "values",
      .part = "test",
      .layer = "conv",
      .top = {.shape = {.rows = 3, .columns = 3, .channels = channels, .has_places = true}, .pictures = 1},
      .pictures = Dataset({.name = "values", .images = std::move(images), .labels = {0}}),
      .class_names = {"thing"}};
  for (int64_t c = 0; c < channels; ++c) {
    outcome.top.channels.push_back({.channel = c, .most = {{2, 0, 1, 2}}, .least = {}});
    outcome.most_boxes.push_back({box});
    outcome.least_boxes.emplace_back();
  }
  return outcome;
}

const MapPlot& Plot(const OwningFigure& made) {
  return std::get<MapPlot>(made.figure.rows.at(0).at(0).content);
}

TEST(TopFigure, DrawsTheReceptiveFieldAndChequersWhatLiesBeyondTheBorder) {
  const OwningFigure made = TopFigure(OneEntry({-1, 2, 3, 3, false}));
  const TensorView<const float> patch = Plot(made).values;
  EXPECT_EQ(patch.shape(), Shape({3, 3, 1}));
  // The row above the picture and the column to its right; the rest is the picture.
  for (int64_t i = 0; i < 9; ++i) {
    if (i < 3 || i % 3 == 2) {
      EXPECT_EQ(patch[i], i % 2 == 0 ? 0.75f : 0.9f) << i;
    } else {
      EXPECT_EQ(patch[i], 0.5f) << i;
    }
  }
  EXPECT_THAT(made.figure.footer, HasSubstr("3 x 3 pixels; chequered: beyond the picture's border"));
  EXPECT_EQ(made.figure.rows[0][0].title, "channel 0\n2");
  EXPECT_EQ(made.figure.rows[0][0].caption, "thing\ntest 0 at 1,2");
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(TopFigure, DrawsWholePicturesWithAFrameCutAtTheBorder) {
  const OwningFigure made = TopFigure(OneEntry({-1, 2, 3, 3, false}), {.whole = true});
  EXPECT_EQ(Plot(made).values.shape(), Shape({4, 4, 1}));
  ASSERT_EQ(Plot(made).frames.size(), 1u);
  const Frame& frame = Plot(made).frames[0];
  EXPECT_EQ(frame.row, 0);
  EXPECT_EQ(frame.column, 2);
  EXPECT_EQ(frame.rows, 2);
  EXPECT_EQ(frame.columns, 2);
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(TopFigure, OfAFieldLargerThanThePictureFramesWhatIsInIt) {
  OwningFigure made = TopFigure(OneEntry({-3, 1, 5, 5, false}));
  EXPECT_EQ(Plot(made).values.shape(), Shape({4, 4, 1}));
  ASSERT_EQ(Plot(made).frames.size(), 1u);
  EXPECT_EQ(Plot(made).frames[0].rows, 2);
  EXPECT_THAT(made.figure.footer, HasSubstr("in a red frame what lies in its receptive field of 5 x 5 pixels"));
  made = TopFigure(OneEntry({-1, -1, 6, 6, false}));
  EXPECT_TRUE(Plot(made).frames.empty());
  EXPECT_THAT(made.figure.footer, HasSubstr("whole pictures, which lie in its receptive field of 6 x 6 pixels"));
}

TEST(TopFigure, OfManyChannelsWithAPanelEachDrawsAPage) {
  const OwningFigure made = TopFigure(OneEntry({-3, 1, 5, 5, false}, 2048));
  EXPECT_EQ(made.figure.rows.size(), 8u);
  EXPECT_THAT(made.figure.footer, HasSubstr("; 8 of 2048 channels are drawn"));
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(TopFigure, SaysWhichRowsAreEqualAndWhichChannelsAreNoNumbers) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false}, 2);
  outcome.top.channels[0].most.resize(2, outcome.top.channels[0].most[0]);
  outcome.most_boxes[0].resize(2, outcome.most_boxes[0][0]);
  outcome.top.channels[1].most.clear();
  outcome.most_boxes[1].clear();
  const OwningFigure made = TopFigure(outcome);
  ASSERT_EQ(made.figure.rows.size(), 1u);
  EXPECT_EQ(made.figure.rows[0][0].title, "channel 0\n2, all equal");
  EXPECT_THAT(made.figure.footer, HasSubstr("; 1 channel NaN in every picture"));
}

TEST(TopFigure, OfADeadChannelDrawsNoPictures) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false}, 2);
  outcome.before = "conv/pre_activation";
  outcome.top.channels[0].most = {{0, 0, 0, 0}, {0, 0, 1, 0}};
  outcome.most_boxes[0].resize(2, outcome.most_boxes[0][0]);
  const OwningFigure made = TopFigure(outcome);
  ASSERT_EQ(made.figure.rows.size(), 1u);
  EXPECT_EQ(made.figure.rows[0][0].title, "channel 1\n2");
  EXPECT_THAT(made.figure.footer, HasSubstr("never above 0: channel 0; conv/pre_activation tells them apart"));
  EXPECT_THAT(TopText(outcome), HasSubstr("of all pictures\n"));
  // Of nothing but zeros there is no picture.
  outcome.top.channels.pop_back();
  EXPECT_EQ(TopFigure(outcome).figure.rows[0][0].title, "no picture: every value is 0");
}

TEST(TopFigure, OfTheLeastOfARectifiedLayerNamesWhatStandsBeforeIt) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false});
  outcome.before = "conv/pre_activation";
  outcome.top.channels[0].least = {{0, 0, 0, 0}, {0, 0, 1, 0}};
  outcome.least_boxes[0].resize(2);
  const OwningFigure made = TopFigure(outcome);
  EXPECT_EQ(made.figure.rows.size(), 1u);
  EXPECT_THAT(made.figure.footer, HasSubstr("never below 0: channel 0; conv/pre_activation tells them apart"));
}

TEST(TopFigure, OfAValueThatSeesAllHasNoFrame) {
  const OwningFigure made = TopFigure(OneEntry({0, 0, 4, 4, true}), {.whole = true});
  EXPECT_TRUE(Plot(made).frames.empty());
  EXPECT_THAT(made.figure.footer, HasSubstr("whole pictures"));
}

TEST(TopFigure, OfManyChannelsDrawsTheFirstAndSaysSo) {
  const OwningFigure made = TopFigure(OneEntry({0, 0, 2, 2, false}, 2048));
  // So many in one table, whose pictures are the patches.
  ASSERT_EQ(made.figure.rows.size(), 1u);
  const auto& table = std::get<GridPlot>(made.figure.rows[0][0].content);
  EXPECT_EQ(table.row_names.size(), kMostTopRows);
  EXPECT_EQ(table.row_names[3], "channel 3");
  EXPECT_EQ(table.labels[3], "2 thing\ntest 0 at 1,2");
  EXPECT_EQ(table.values.shape(), Shape({2, 2, 16}));
  EXPECT_EQ(table.values[5], 0.5f);
  EXPECT_NO_THROW(EncodePng(made.figure));
  EXPECT_THAT(made.figure.footer, HasSubstr("; 16 of 2048 channels are drawn"));
}

TEST(TopFigure, OfManyPicturesAChannelIsASheetUnderValuesAlone) {
  for (const size_t count : {size_t{7}, size_t{8}}) {
    TopOutcome outcome = OneEntry({0, 0, 2, 2, false}, 16);
    for (size_t c = 0; c < 16; ++c) {
      outcome.top.channels[c].most.resize(count, outcome.top.channels[c].most[0]);
      outcome.most_boxes[c].resize(count, outcome.most_boxes[c][0]);
    }
    const OwningFigure made = TopFigure(outcome);
    EXPECT_EQ(made.figure.rows.size(), count == 7 ? 1u : 16u);
    const auto& grid = std::get<GridPlot>(made.figure.rows[0][0].content);
    EXPECT_EQ(grid.labels[0], count == 7 ? "2 thing\ntest 0 at 1,2" : "2");
    EXPECT_EQ(grid.values.shape(), Shape({2, 2, count == 7 ? 112 : 8}));
    EXPECT_EQ(grid.values[0], 0.5f);
    // Not all of the data's pictures need be equal: it is said of these.
    EXPECT_EQ(count == 7 ? grid.row_names[0] : made.figure.rows[0][0].title, "channel 0, all equal");
    EXPECT_NO_THROW(EncodePng(made.figure));
  }
}

TEST(TopFigure, DrawsNoMoreThanAPageHasRoomFor) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false}, 3);
  for (size_t c = 0; c < 3; ++c) {
    outcome.top.channels[c].most.resize(1000, outcome.top.channels[c].most[0]);
    outcome.most_boxes[c].resize(1000, outcome.most_boxes[c][0]);
  }
  OwningFigure made = TopFigure(outcome);
  ASSERT_EQ(made.figure.rows.size(), 3u);
  EXPECT_EQ(std::get<GridPlot>(made.figure.rows[2][0].content).labels.size(), 144u);
  EXPECT_THAT(made.figure.footer, HasSubstr("; the first 144 of 1000 pictures each are drawn"));
  // Pictures of two sizes are no sheet.
  outcome.most_boxes[0][0] = {0, 0, 0, 0, false};
  made = TopFigure(outcome);
  EXPECT_EQ(made.figure.rows[2].size(), 12u);
  EXPECT_THAT(made.figure.footer, HasSubstr("; the first 12 of 1000 pictures each are drawn"));
}

// Between the windows of a transposed convolution lies nothing.
TEST(TopFigure, OfAValueThatReadsNoPixelIsTheWholePictureAndSaysSo) {
  for (const bool whole : {false, true}) {
    TopOutcome outcome = OneEntry({0, 0, 0, 0, false}, 8);
    OwningFigure made = TopFigure(outcome, {.whole = whole});
    ASSERT_EQ(made.figure.rows.size(), 8u);  // a table has no line to say it
    EXPECT_EQ(Plot(made).values.shape(), Shape({4, 4, 1}));
    EXPECT_TRUE(Plot(made).frames.empty());
    EXPECT_EQ(made.figure.rows[0][0].caption, "thing\ntest 0 at 1,2\ndepends on no pixel");
    EXPECT_EQ(made.figure.footer, "1 test picture of values; above each its value");
    EXPECT_NO_THROW(EncodePng(made.figure));
    // Beside one that reads some, of which the footer tells.
    outcome.most_boxes[3] = {{0, 0, 3, 3, false}};
    made = TopFigure(outcome, {.whole = whole});
    EXPECT_THAT(made.figure.footer, HasSubstr("receptive field"));
    EXPECT_THAT(made.figure.footer, HasSubstr("3 x 3 pixels"));
    EXPECT_NO_THROW(EncodePng(made.figure));
  }
}

TEST(TopFigure, OfNothingButNanSaysSo) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false});
  outcome.top.channels[0].most.clear();
  outcome.top.channels[0].not_numbers = 1;
  outcome.most_boxes[0].clear();
  const OwningFigure made = TopFigure(outcome);
  EXPECT_THAT(made.figure.rows.at(0).at(0).title, HasSubstr("every value is NaN"));
  EXPECT_NO_THROW(EncodePng(made.figure));
  EXPECT_THAT(TopText(outcome), HasSubstr("1 maps hold NaN"));
}

TEST(TopReport, InfinitiesHaveANameInJson) {
  TopOutcome outcome = OneEntry({0, 0, 2, 2, false});
  outcome.top.channels[0].most[0].value = std::numeric_limits<float>::infinity();
  EXPECT_THAT(TopJson(outcome), HasSubstr("\"value\": \"inf\""));
}

}  // namespace
}  // namespace convscope
