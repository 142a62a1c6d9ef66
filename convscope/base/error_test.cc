#include "convscope/base/error.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(Error, SaysWhereRuleReceivedAndFix) {
  const Error error(
      {.where = "node conv_1", .rule = "stride must be at least 1", .received = "0", .fix = "use --stride 1 or more"});
  EXPECT_STREQ(error.what(), "node conv_1: stride must be at least 1; received 0. use --stride 1 or more");
}

TEST(Error, LeavesOutWhatIsEmpty) {
  EXPECT_STREQ(Error({.rule = "a kernel has rows"}).what(), "a kernel has rows");
}

TEST(Error, SeenFromFurtherOutNamesBothPlaces) {
  const Error inner({.where = "rows", .rule = "stride must be at least 1"});
  EXPECT_STREQ(inner.At("node conv_1").what(), "node conv_1: rows: stride must be at least 1");
  EXPECT_STREQ(Error({.rule = "r"}).At("photo.jpg").what(), "photo.jpg: r");
}

TEST(Error, StaysOnOneLineWhateverItsPartsHold) {
  EXPECT_STREQ(Error({.where = "a\nb\x1b[2J", .rule = "r"}).what(), "a b [2J: r");
}

}  // namespace
}  // namespace convscope
