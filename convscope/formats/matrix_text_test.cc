#include "convscope/formats/matrix_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

std::vector<float> Values(std::string_view text) {
  const Tensor matrix = ParseMatrixText(text, "k.csv");
  const auto span = matrix.view().span();
  return {span.begin(), span.end()};
}

std::string Complaint(std::string_view text) {
  try {
    ParseMatrixText(text, "k.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseMatrixText, TakesCommasSemicolonsTabsOrBlanks) {
  const std::vector<float> expected = {1, -2.5, 3e-1f, 4, 5, 6};
  for (const char* text :
       {"1,-2.5,3e-1\n4,5,6\n", "1 ; -2.5;3e-1\r\n4;5;6", "1\t-2.5\t3e-1\n4\t5\t6", "  1   -2.5 3e-1  \n4 5 6"}) {
    EXPECT_EQ(Values(text), expected) << text;
  }
  EXPECT_EQ(ParseMatrixText("1,2,3\n4,5,6", "k.csv").shape(), (Shape{2, 3}));
  EXPECT_EQ(ParseMatrixText("7", "k.csv").shape(), (Shape{1, 1}));
}

TEST(ParseMatrixText, LeavesOutCommentsEmptyLinesAndAByteOrderMark) {
  EXPECT_EQ(Values("\xEF\xBB\xBF# an edge\n\n-1, 8 # middle\n   \n1,+2\n"), (std::vector<float>{-1, 8, 1, 2}));
}

TEST(ParseMatrixTextErrors, SayLineAndColumn) {
  EXPECT_EQ(Complaint("1,2\n3,x4\n"), "k.csv: line 2, column 3: expected a number; received \"x4\"");
  EXPECT_EQ(Complaint("# k\n1,2\n3,,4\n"),
            "k.csv: line 3: every row of a matrix must have as many values as the first, 2; received 3");
  EXPECT_EQ(Complaint("1,,2\n"), "k.csv: line 1, column 3: a matrix must have no empty places");
  EXPECT_THAT(Complaint("1,2,\n"), HasSubstr("line 1, column 5: a matrix must have no empty places"));
  EXPECT_THAT(Complaint("1,2\n3\n"), HasSubstr("line 2: every row"));
  EXPECT_THAT(Complaint("1,5 6\n"), HasSubstr("column 3: expected a number; received \"5 6\""));
}

TEST(ParseMatrixTextErrors, AMatrixMustNotBeEmpty) {
  for (const char* text : {"", "\n\n", "# nothing\n"}) {
    EXPECT_EQ(Complaint(text), "k.csv: a matrix must have at least one value; received none");
  }
}

TEST(ReadMatrixText, ReadsAFileAndNamesOneThatIsNotThere) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "convscope_matrix_text_test.csv";
  const std::string_view text = "1,2\n";
  WriteFileAtomically(path, {&text, 1});
  EXPECT_EQ(ReadMatrixText(path).shape(), (Shape{1, 2}));
  std::filesystem::remove(path);
  EXPECT_THROW(ReadMatrixText(path), Error);
}

}  // namespace
}  // namespace convscope
