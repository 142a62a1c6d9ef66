#include "convscope/tasks/dream_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "convscope/base/error.h"
#include "convscope/figures/render.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

TEST(DreamGoalText, IsATensorAndAPlaceOrAUnit) {
  const DreamGoal value = ParseDreamGoal("layer1/conv:4,5,6");
  EXPECT_EQ(value.tensor, "layer1/conv");
  EXPECT_EQ(value.channel, 6);
  ASSERT_TRUE(value.place.has_value());
  EXPECT_EQ((*value.place)[0], 4);
  EXPECT_EQ((*value.place)[1], 5);
  const DreamGoal unit = ParseDreamGoal("node:0:7");  // imported names may hold colons
  EXPECT_EQ(unit.tensor, "node:0");
  EXPECT_EQ(unit.channel, 7);
  EXPECT_FALSE(unit.place.has_value());
  for (const char* const wrong : {"conv", ":3", "conv:", "conv:1,2", "conv:a", "conv:1,2,3,4"}) {
    EXPECT_THROW(ParseDreamGoal(wrong), Error) << wrong;
  }
}

TEST(DreamFigure, HasAPanelForEachDreamAndALineForEach) {
  const DreamOutcome outcome =
      DreamPictures({.model = "lenet", .layer = "layer2/conv", .channel = 1, .options = {.count = 2, .steps = 3}});
  const OwningFigure made = DreamFigure(outcome);
  ASSERT_EQ(made.figure.rows.size(), 2u);
  EXPECT_EQ(made.figure.rows[0].size(), 2u);
  EXPECT_EQ(std::get<ChartPlot>(made.figure.rows[1][0].content).series.size(), 2u);
  EXPECT_THAT(made.figure.title, HasSubstr("lenet (untrained): what excites channel 1 of layer2/conv"));
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(DreamFigure, OfOneStepHasNoChart) {
  EXPECT_EQ(DreamFigure(DreamPictures({.model = "lenet", .options = {.steps = 1}})).figure.rows.size(), 1u);
}

TEST(DreamOfAClass, IsItsScoreBeforeTheSoftmax) {
  const DreamOutcome outcome = DreamPictures({.model = "fashion-cnn", .class_name = "8", .options = {.steps = 1}});
  EXPECT_EQ(outcome.goal.tensor, "dense_layer_7/pre_activation");
  EXPECT_EQ(outcome.goal.channel, 8);
  EXPECT_THROW(DreamPictures({.model = "fashion-cnn", .class_name = "10"}), Error);
  EXPECT_THROW(DreamPictures({.model = "fashion-cnn", .class_name = "8.5"}), Error);
}

}  // namespace
}  // namespace convscope
