#include "convscope/filters/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

std::vector<float> Values(std::string_view text) {
  const Kernel kernel = ParseKernel(text);
  const auto span = kernel.values.view().span();
  return {span.begin(), span.end()};
}

Shape ShapeOf(std::string_view text) {
  return ParseKernel(text).values.shape();
}

// The text of the error that `text` causes.
std::string Complaint(std::string_view text) {
  try {
    ParseKernel(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseKernel, ReadsListsOfTwoThreeAndFourLevels) {
  EXPECT_EQ(Values("[[1,2,3],[4,5,6]]"), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(ShapeOf("[[1,2,3],[4,5,6]]"), (Shape{2, 3}));
  EXPECT_EQ(ShapeOf("[[[1,2,3],[4,5,6]]]"), (Shape{1, 2, 3}));
  EXPECT_EQ(ShapeOf("[[[[1],[2]]],[[[3],[4]]]]"), (Shape{2, 1, 2, 1}));
}

TEST(ParseKernel, ReadsNumbersAsPeopleWriteThem) {
  EXPECT_EQ(Values(" [ [ 1. , -.5 , +2 ] , [ 1e-1 , 1/4 , -3/2 ] ] "),
            (std::vector<float>{1, -0.5f, 2, 0.1f, 0.25f, -1.5f}));
}

TEST(ParseKernel, TakesParametersByPlaceByNameOrBoth) {
  const std::vector<float> expected = Values("gaussian:7:1.5");
  EXPECT_EQ(expected.size(), 49u);
  EXPECT_EQ(Values("gaussian:7,1.5"), expected);
  EXPECT_EQ(Values("gaussian:size=7,sigma=1.5"), expected);
  EXPECT_EQ(Values("gaussian : sigma = 1.5 : size = 7"), expected);
  EXPECT_EQ(Values("gaussian:7,sigma=1.5"), expected);
  EXPECT_NE(Values("gaussian:7"), expected);
  EXPECT_EQ(Values("gabor:-45"), Values("gabor:theta=315"));
}

TEST(ParseKernel, NegatesScalesAndDivides) {
  EXPECT_EQ(Values("-[[1,-2]]"), (std::vector<float>{-1, 2}));
  EXPECT_EQ(Values("0.5*[[1,-2]]"), (std::vector<float>{0.5, -1}));
  EXPECT_EQ(Values("[[1,-2]]*2"), (std::vector<float>{2, -4}));
  EXPECT_EQ(Values("[[1,-2]]/4"), (std::vector<float>{0.25, -0.5}));
  EXPECT_EQ(Values("-2*3*[[1,-2]]/(1+1)"), (std::vector<float>{-3, 6}));
  EXPECT_EQ(Values("[[1,2,1],[2,4,2],[1,2,1]]/16"), Values("blur"));
}

TEST(ParseKernel, AddsAndSubtractsKernelsOfOneShape) {
  EXPECT_EQ(Values("[[1,2]] + [[10,20]] - [[5,5]]"), (std::vector<float>{6, 17}));
  EXPECT_EQ(Values("identity:3 - laplacian-4"), Values("sharpen"));
  EXPECT_EQ(Values("identity:3-laplacian-4"), Values("sharpen"));
  EXPECT_EQ(Values("identity:3 + 0.5*laplacian-4"), (std::vector<float>{0, 0.5, 0, 0.5, -1, 0.5, 0, 0.5, 0}));
}

TEST(ParseKernel, TurnsAsNumPyDoes) {
  const std::string m = "([[1,2,3],[4,5,6]])";
  EXPECT_EQ(Values("t" + m), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(ShapeOf("t" + m), (Shape{3, 2}));
  EXPECT_EQ(Values("rot90" + m), (std::vector<float>{3, 6, 2, 5, 1, 4}));
  EXPECT_EQ(Values("rot180" + m), (std::vector<float>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(Values("rot270" + m), (std::vector<float>{4, 1, 5, 2, 6, 3}));
  EXPECT_EQ(Values("fliplr" + m), (std::vector<float>{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(Values("flipud" + m), (std::vector<float>{4, 5, 6, 1, 2, 3}));
  EXPECT_EQ(Values("rot90(rot270" + m + ")"), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(ParseKernel, TurnsRowsAndColumnsAndLeavesChannelsAlone) {
  EXPECT_EQ(Values("t([[[1,2],[3,4]]])"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(ShapeOf("t([[[1,2],[3,4]]])"), (Shape{2, 1, 2}));
  EXPECT_EQ(Values("fliplr([[[1,2],[3,4]]])"), (std::vector<float>{3, 4, 1, 2}));
}

TEST(ParseKernel, BuildsTheFourFiltersFromOne) {
  EXPECT_EQ(Values("-t(udacity-1)"), Values("udacity-4"));
  EXPECT_EQ(Values("-(t(udacity-1))"), Values("udacity-4"));
}

TEST(ParseKernel, BiasesFollowTheArithmetic) {
  const float bias = ParseKernel("gimp-edge-detect").bias;
  EXPECT_GT(bias, 0.5f);
  EXPECT_FLOAT_EQ(ParseKernel("-gimp-edge-detect").bias, -bias);
  EXPECT_FLOAT_EQ(ParseKernel("0.5*t(gimp-edge-detect)").bias, 0.5f * bias);
  EXPECT_FLOAT_EQ(ParseKernel("gimp-edge-detect + gimp-edge-enhance/2 + identity:3").bias, 1.5f * bias);
}

TEST(ParseKernel, NamesTheKernelByItsText) {
  EXPECT_EQ(ParseKernel("  -t( sobel-x ) ").name, "-t( sobel-x )");
}

TEST(ParseKernel, HasNoNegativeZero) {
  for (const float value : Values("-sobel-x")) EXPECT_FALSE(value == 0 && std::signbit(value));
}

TEST(ParseKernel, RoundsOnceAtTheEnd) {
  // 0.1f * 3.0f is 0.3 rounded twice, one bit above.
  EXPECT_EQ(Values("3*[[0.1]]")[0], 0.3f);
}

TEST(ParseKernelErrors, UnknownNamesOfferTheNearest) {
  EXPECT_EQ(Complaint("0.5*(sobelx)"),
            "kernel \"0.5*(sobelx)\", character 6: a kernel's name must be that of a preset; received "
            "\"sobelx\". did you mean sobel-x, sobel-y or box?");
  EXPECT_THAT(Complaint("gausian:7"), HasSubstr("did you mean gaussian"));
  EXPECT_THAT(Complaint("invert(edge)"), HasSubstr("a function must be t, rot90"));
}

TEST(ParseKernelErrors, ListsMustBeRectangularFullAndNumeric) {
  EXPECT_EQ(Complaint("[[1,2],[3]]"),
            "kernel \"[[1,2],[3]]\", character 8: every list at this level must have as many entries as the first, 2; "
            "received 1. a kernel must be rectangular");
  EXPECT_THAT(Complaint("[[1],[2,3]]"), HasSubstr("as the first, 1; received 2"));
  EXPECT_THAT(Complaint("[]"), HasSubstr("character 1: a list must hold at least one number"));
  EXPECT_THAT(Complaint("[[]]"), HasSubstr("character 2: a list must hold at least one number"));
  EXPECT_THAT(Complaint("[[1,],[2,3]]"), HasSubstr("character 5: a number must stand here; received \"],[2,3]]\""));
  EXPECT_THAT(Complaint("[[1,a]]"), HasSubstr("character 5: a number must stand here"));
  EXPECT_THAT(Complaint("[[1,nan]]"), HasSubstr("a number must stand here"));
  EXPECT_THAT(Complaint("[[1,inf]]"), HasSubstr("a number must stand here"));
  EXPECT_THAT(Complaint("[[1,1e999]]"), HasSubstr("a number must stand here"));
  EXPECT_THAT(Complaint("[[1 2]]"), HasSubstr("parted by commas"));
  EXPECT_THAT(Complaint("[1,2]"), HasSubstr("2, 3 or 4 levels of brackets; received 1. write [[1,2,1]]"));
  EXPECT_THAT(Complaint("[[[[[1]]]]]"), HasSubstr("at most 4 levels"));
  EXPECT_THAT(Complaint("[[1,2],3]"), HasSubstr("must not stand beside lists"));
  EXPECT_THAT(Complaint("[1,[2,3]]"), HasSubstr("must not stand beside lists"));
  EXPECT_THAT(Complaint("[[1,2],[[3],[4]]]"), HasSubstr("must not stand beside lists"));
  EXPECT_THAT(Complaint("[[[1],[2]],[3,4]]"), HasSubstr("must not stand beside lists"));
  EXPECT_THAT(Complaint("[[1,2]"), HasSubstr("received the end"));
}

TEST(ParseKernelErrors, ParametersMustBeKnownInRangeAndGivenOnce) {
  EXPECT_EQ(Complaint("gaussian:sgima=2"),
            "kernel \"gaussian:sgima=2\", character 10: a parameter of gaussian must be one of: size, sigma; received "
            "\"sgima\"");
  EXPECT_THAT(Complaint("gaussian:0"),
              HasSubstr("gaussian: size must be a whole number from 1 to 255 pixels; received 0"));
  EXPECT_THAT(Complaint("gaussian:7:-1"), HasSubstr("sigma must be a number from 0 to 1000 pixels; received -1"));
  EXPECT_THAT(Complaint("gaussian:7:1:2"), HasSubstr("at most 2 values"));
  EXPECT_THAT(Complaint("gaussian:7:size=3"), HasSubstr("size twice"));
  EXPECT_THAT(Complaint("gaussian:size=3:7"), HasSubstr("values without a name must come before"));
  EXPECT_THAT(Complaint("gaussian:"), HasSubstr("a number must stand here; received the end"));
  EXPECT_THAT(Complaint("gaussian:size"), HasSubstr("must be followed by ="));
  EXPECT_THAT(Complaint("sobel-x:3"), HasSubstr("at most 0 values"));
}

TEST(ParseKernelErrors, ArithmeticMustMakeSense) {
  EXPECT_THAT(Complaint("identity:3 + identity:5"),
              HasSubstr("must have one shape; received shape (3, 3) and shape (5, 5)"));
  EXPECT_THAT(Complaint("sobel-x * sobel-y"), HasSubstr("must be multiplied by a number"));
  EXPECT_THAT(Complaint("2 / sobel-y"), HasSubstr("must be divided by a number"));
  EXPECT_THAT(Complaint("sobel-y / 0"), HasSubstr("a divisor must not be 0"));
  EXPECT_THAT(Complaint("sobel-y + 1"), HasSubstr("received shape (3, 3) and a number"));
  EXPECT_THAT(Complaint("t(3)"), HasSubstr("t must be given a kernel; received a number"));
  EXPECT_THAT(Complaint("3"), HasSubstr("a kernel must have 2, 3 or 4 axes"));
  EXPECT_THAT(Complaint("1e30*[[1e30]]"), HasSubstr("must be finite and fit a 32-bit float"));
}

TEST(ParseKernelErrors, TextMustBeWholeAndNothingMore) {
  EXPECT_THAT(Complaint(""), HasSubstr("received an empty text"));
  EXPECT_THAT(Complaint("  "), HasSubstr("received an empty text"));
  EXPECT_THAT(Complaint("sobel-x sobel-y"), HasSubstr("character 9: an expression must end"));
  EXPECT_THAT(Complaint("t(sobel-x"), HasSubstr("must be closed with )"));
  EXPECT_THAT(Complaint("(sobel-x"), HasSubstr("must be closed with )"));
  EXPECT_THAT(Complaint("sobel-x +"), HasSubstr("a number, a name, [ or ( must stand here; received the end"));
  EXPECT_THAT(Complaint("$"), HasSubstr("must stand here; received \"$\""));
  EXPECT_THAT(Complaint(std::string(5000, '(')), HasSubstr("nested 16 deep"));
}

TEST(ParseKernelErrors, KernelsMustNotBeTooLarge) {
  std::string wide = "[[0";
  for (int i = 0; i < 255; ++i) wide += ",0";
  EXPECT_THAT(Complaint(wide + "]]"), HasSubstr("at most 255 rows and columns"));
}

// Whatever is cut off or replaced, the parser answers with a kernel or an Error, never with anything else.
TEST(ParseKernelErrors, AnyDamagedTextIsAKernelOrAnError) {
  const std::string text = "-2*t(gabor:theta=45,wavelength=6,size=5)/3 + rot90([[1,2.5,-1e-3,0,1/4]]*0.5) - random:5";
  const std::string characters = "[](),:=+-*/.0x \n";
  for (size_t i = 0; i < text.size(); ++i) {
    std::vector<std::string> damaged = {text.substr(0, i), text.substr(i)};
    for (const char c : characters) {
      damaged.push_back(text);
      damaged.back()[i] = c;
    }
    for (const std::string& one : damaged) {
      try {
        ParseKernel(one);
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace convscope
