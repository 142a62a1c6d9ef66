#include "convscope/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <locale>
#include <sstream>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/internal/leading_number.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Concat, PutsValuesOneAfterTheOther) {
  EXPECT_EQ(Concat("axis ", 2, " is ", 0.5, '!'), "axis 2 is 0.5!");
}

// Groups digits by threes and writes a decimal comma, as many locales do.
class Grouping : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Concat, WritesNumbersAlikeWhateverTheGlobalLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale(), new Grouping));
  std::ostringstream grouped;
  grouped << 1234567;
  const std::string text = Concat(1234567, ' ', 0.5);
  std::locale::global(before);
  ASSERT_EQ(grouped.str(), "1.234.567");
  EXPECT_EQ(text, "1234567 0.5");
}

TEST(ShortestText, ReadsBackAsTheSameFloat) {
  EXPECT_EQ(ShortestText(0.1f), "0.1");
  EXPECT_EQ(ShortestText(-1.0f), "-1");
  EXPECT_EQ(ShortestText(1e-7f), "1e-07");
  EXPECT_EQ(ShortestText(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(ShortestText(-std::numeric_limits<float>::quiet_NaN()), "nan");
  EXPECT_EQ(ShortestText(std::numeric_limits<float>::infinity()), "inf");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_THAT(Split("a:b", ':'), ElementsAre("a", "b"));
  EXPECT_THAT(Split("", ':'), ElementsAre(""));
  EXPECT_THAT(Split(":a::", ':'), ElementsAre("", "a", "", ""));
}

TEST(ParseNumber, TakesTheWholeTextOrThrows) {
  EXPECT_EQ(ParseNumber("1.5", "x"), 1.5);
  EXPECT_EQ(ParseNumber("+2e3", "x"), 2000);
  EXPECT_EQ(ParseNumber("-0.25", "x"), -0.25);
  for (const char* bad : {"", " 1", "1 ", "1,5", "one", "+-1", "1e999", "0x10"}) {
    EXPECT_THROW(ParseNumber(bad, "x"), Error) << bad;
  }
  try {
    ParseNumber("1.5x", "--stride");
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "--stride: expected a number; received \"1.5x\"");
  }
}

TEST(LeadingNumber, TakesAsMuchOfTheTextAsIsANumberWithAndWithoutFromChars) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const struct {
    const char* text;
    double value;
    size_t length;
  } cases[] = {
      {"0", 0, 1},
      {"1.5x", 1.5, 3},
      {"-2", -2, 2},
      {".5,", 0.5, 2},
      {"5.]", 5, 2},
      {"-.25/4", -0.25, 4},
      {"1e3", 1000, 3},
      {"2E-2*3", 0.02, 4},
      {"1e", 1, 1},
      {"1e+", 1, 1},
      {"0x10", 0, 1},
      {"1,5", 1, 1},
      {"1.2.3", 1.2, 3},
      {"inf", kInf, 3},
      {"-INFinity", -kInf, 9},
      {"infin", kInf, 3},
      {"0.1 ", 0.1, 3},
      {"12345678.9", 12345678.9, 10},
      {"", 0, 0},
      {"-", 0, 0},
      {".", 0, 0},
      {"+1", 0, 0},
      {" 1", 0, 0},
      {"--1", 0, 0},
      {"e5", 0, 0},
      {"one", 0, 0},
      {"1e999", 0, 0},
      {"-.e1", 0, 0},
      {"1.7976931348623157e308", 1.7976931348623157e308, 22},
  };
  for (const auto& [text, value, length] : cases) {
    for (const NumberInText& number : {LeadingNumber(text), internal::LeadingNumberByStream(text)}) {
      EXPECT_EQ(number.value, value) << text;
      EXPECT_EQ(number.length, length) << text;
    }
  }
  for (const NumberInText& number : {LeadingNumber("nan"), internal::LeadingNumberByStream("nan")}) {
    EXPECT_TRUE(std::isnan(number.value));
    EXPECT_EQ(number.length, 3u);
  }
}

TEST(ParseInteger, TakesTheWholeTextOrThrows) {
  EXPECT_EQ(ParseInteger("-9223372036854775808", "x"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseInteger("+7", "x"), 7);
  for (const char* bad : {"", "1.0", "9223372036854775808", "7 "}) EXPECT_THROW(ParseInteger(bad, "x"), Error) << bad;
}

TEST(NearestNames, OffersTheNearestFirst) {
  const std::vector<std::string> names = {"sharpen", "sobel", "scharr", "gaussian", "box"};
  EXPECT_EQ(NearestNames("sobell", names).front(), "sobel");
  EXPECT_EQ(NearestNames("gaus", names).front(), "gaussian");
  EXPECT_THAT(NearestNames("qqqqqqqqqqqqqqq", names), IsEmpty());
  EXPECT_LE(NearestNames("s", names, 2).size(), 2u);
}

TEST(NearestNames, UpperAndLowerCaseAreTheSame) {
  EXPECT_EQ(NearestNames("SOBEL-X", {"gaussian", "sobel-y", "sobel-x"}).front(), "sobel-x");
  EXPECT_EQ(NearestNames("relu", {"tanh", "ReLU"}), std::vector<std::string>{"ReLU"});
}

TEST(DidYouMean, OffersTheNearestNamesInOneQuestion) {
  const std::vector<std::string> names = {"sobel-x", "sobel-y", "sobel-xy", "gaussian", "box"};
  EXPECT_EQ(DidYouMean("gausian", names), "did you mean gaussian?");
  EXPECT_EQ(DidYouMean("sobel-q", {"sobel-x", "sobel-y", "gaussian"}), "did you mean sobel-x or sobel-y?");
  EXPECT_EQ(DidYouMean("sobel", names), "did you mean sobel-x, sobel-y or sobel-xy?");
  EXPECT_EQ(DidYouMean("qqqqqqqqqqqqqqq", names), "");
}

}  // namespace
}  // namespace convscope
