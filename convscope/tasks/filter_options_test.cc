#include "convscope/tasks/filter_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(FilterOptionsTest, OneNumberStandsForRowsAndColumns) {
  EXPECT_THAT(ParseRowsColumns("2", "--stride"), ElementsAre(2, 2));
  EXPECT_THAT(ParseRowsColumns("2,3", "--stride"), ElementsAre(2, 3));
  EXPECT_THAT(ParseRowsColumns("2x3", "--stride"), ElementsAre(2, 3));
  EXPECT_THAT([] { ParseRowsColumns("1,2,3", "--stride"); }, ThrowsMessage<Error>(HasSubstr("--stride")));
  EXPECT_THAT([] { ParseRowsColumns("two", "--stride"); }, ThrowsMessage<Error>(HasSubstr("whole number")));
  EXPECT_THAT([] { ParseRowsColumns("x", "--stride"); }, ThrowsMessage<Error>(HasSubstr("received \"x\"")));
  for (const char* text : {"0", "2,0", "-1"}) {
    EXPECT_THAT([&] { ParseRowsColumns(text, "--stride"); }, ThrowsMessage<Error>(HasSubstr("at least 1"))) << text;
  }
  EXPECT_THAT([] { ParseRowsColumns("", "--stride"); }, ThrowsMessage<Error>(HasSubstr("whole number")));
}

TEST(FilterOptionsTest, PaddingIsARuleOrPixelsPerSide) {
  EXPECT_THAT(ParsePadding("valid", ""), ElementsAre(Padding::Valid(), Padding::Valid()));
  EXPECT_THAT(ParsePadding("same", ""), ElementsAre(Padding::Same(), Padding::Same()));
  EXPECT_THAT(ParsePadding("3", ""), ElementsAre(Padding::Explicit(3, 3), Padding::Explicit(3, 3)));
  EXPECT_THAT(ParsePadding("1,2", ""), ElementsAre(Padding::Explicit(1, 1), Padding::Explicit(2, 2)));
  EXPECT_THAT(ParsePadding("1,2,3,4", ""), ElementsAre(Padding::Explicit(1, 2), Padding::Explicit(3, 4)));
  for (const char* text : {"", "sam", "1,2,3"}) {
    EXPECT_THAT([&] { ParsePadding(text, "--padding"); }, ThrowsMessage<Error>(HasSubstr("valid, same"))) << text;
  }
}

TEST(FilterOptionsTest, PaddingIsNotNegative) {
  EXPECT_THAT([] { ParsePadding("1,-1", "--padding"); }, ThrowsMessage<Error>(HasSubstr("--padding: padding must be")));
}

TEST(FilterOptionsTest, AScaleDividesPixels) {
  CheckScale(1e-9, "--scale");
  for (const double scale : {0.0, -1.0, HUGE_VAL, std::nan("")}) {
    EXPECT_THAT([&] { CheckScale(scale, "--scale"); }, ThrowsMessage<Error>(HasSubstr("--scale"))) << scale;
  }
}

TEST(FilterOptionsTest, PaddingTextIsWhatParsePaddingReads) {
  for (const char* text : {"valid", "same", "1,2,3,4"}) EXPECT_EQ(PaddingText(ParsePadding(text, "")), text);
}

TEST(FilterOptionsTest, APoolStepsByItsSizeUnlessToldOtherwise) {
  const FilterPool square = ParsePool("max:3", "");
  EXPECT_EQ(square.kind, PoolKind::kMax);
  EXPECT_THAT(square.stride, ElementsAre(3, 3));
  const FilterPool oblong = ParsePool("average:2x3:1", "");
  EXPECT_EQ(oblong.kind, PoolKind::kAverage);
  EXPECT_THAT(oblong.size, ElementsAre(2, 3));
  EXPECT_THAT(oblong.stride, ElementsAre(1, 1));
  for (const char* text : {"max", "median:3", "max:3:3:3"}) {
    EXPECT_THAT([&] { ParsePool(text, "--pool"); }, ThrowsMessage<Error>(HasSubstr("KIND:SIZE"))) << text;
  }
}

TEST(FilterOptionsTest, ChannelsAreLettersOrNumbersEachOnce) {
  EXPECT_THAT(ParseChannels("r,b", ""), ElementsAre(0, 2));
  EXPECT_THAT(ParseChannels("2,0", ""), ElementsAre(2, 0));
  for (const char* text : {"", "3", "r,r", "r,0", "rg", "a"}) {
    EXPECT_THROW(ParseChannels(text, "--channels"), Error) << text;
  }
}

TEST(FilterOptionsTest, BiasesAreFiniteNumbers) {
  EXPECT_THAT(ParseNumbers("0.5,-1", ""), ElementsAre(0.5f, -1.0f));
  for (const char* text : {"", "1,", "nan", "1e99"}) EXPECT_THROW(ParseNumbers(text, "--bias"), Error) << text;
}

}  // namespace
}  // namespace convscope
