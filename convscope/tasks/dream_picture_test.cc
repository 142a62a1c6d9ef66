#include "convscope/tasks/dream_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <variant>

#include "convscope/base/error.h"
#include "convscope/figures/render.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(DreamOfAValue, IsAtAPlaceOrAUnit) {
  const DreamGoal value = DreamPictures({.model = "lenet", .at = "layer2/conv:4,5,3", .options = {.steps = 1}}).goal;
  EXPECT_EQ(value.tensor, "layer2/conv");
  EXPECT_EQ(value.channel, 3);
  ASSERT_TRUE(value.place.has_value());
  EXPECT_EQ((*value.place)[0], 4);
  EXPECT_EQ((*value.place)[1], 5);
  const DreamGoal unit = DreamPictures({.model = "fashion-cnn", .at = "dense_layer_7:7", .options = {.steps = 1}}).goal;
  EXPECT_EQ(unit.channel, 7);
  EXPECT_FALSE(unit.place.has_value());
  EXPECT_THROW(DreamPictures({.model = "lenet", .at = "layer2/conv:4,5", .options = {.steps = 1}}), Error);
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

TEST(DreamOutcome, SaysWhereItsGoalNeverMoved) {
  DreamOutcome outcome = DreamPictures({.model = "lenet", .layer = "layer2/conv", .options = {.count = 2, .steps = 3}});
  EXPECT_THAT(DreamText(outcome), Not(HasSubstr("never")));
  EXPECT_THAT(DreamJson(outcome), Not(HasSubstr("\"moved\": false")));
  EXPECT_THAT(DreamFigure(outcome).figure.footer, Not(HasSubstr("never")));
  outcome.dream.moved = {true, false};
  EXPECT_THAT(DreamText(outcome), HasSubstr("at the beginning, which never moved\n"));
  EXPECT_THAT(DreamText(outcome), HasSubstr("no slope to climb"));
  EXPECT_THAT(DreamJson(outcome), HasSubstr("\"moved\": false"));
  const OwningFigure made = DreamFigure(outcome);
  EXPECT_THAT(made.figure.rows[0][0].caption, Not(HasSubstr("never")));
  EXPECT_THAT(made.figure.rows[0][1].caption, HasSubstr("never moved"));
  EXPECT_THAT(made.figure.footer, HasSubstr("no slope to climb"));
}

TEST(DreamOutcome, SaysWhereItsGoalIsNoNumber) {
  DreamOutcome outcome = DreamPictures({.model = "lenet", .layer = "layer2/conv", .options = {.count = 2, .steps = 3}});
  outcome.dream.goals[1] = std::numeric_limits<float>::quiet_NaN();
  outcome.dream.moved[1] = false;
  EXPECT_THAT(DreamText(outcome), AllOf(HasSubstr("dream 1: NaN"), HasSubstr(", which is no number\n")));
  EXPECT_THAT(DreamText(outcome), AllOf(HasSubstr("convscope features"), Not(HasSubstr("never"))));
  const OwningFigure made = DreamFigure(outcome);
  EXPECT_THAT(made.figure.rows[0][0].caption, Not(HasSubstr("number")));
  EXPECT_THAT(made.figure.rows[0][1].caption, HasSubstr("is no number"));
  EXPECT_THAT(made.figure.footer, HasSubstr("convscope features"));
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
