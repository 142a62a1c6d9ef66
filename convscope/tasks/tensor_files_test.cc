#include "convscope/tasks/tensor_files.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(FileNamesTest, NoNameLeadsOutOfTheFolder) {
  FileNames names;
  EXPECT_EQ(names.Make("conv_1/pre_activation"), "conv_1.pre_activation");
  EXPECT_EQ(names.Make("../../etc/passwd"), "_......etc.passwd");
  EXPECT_EQ(names.Make(".."), "_..");
  EXPECT_EQ(names.Make(""), "_");
  EXPECT_EQ(names.Make("a b\\c:\n"), "a_b_c__");
}

TEST(FileNamesTest, NoNameIsGivenTwiceEvenWhereCaseDoesNotCount) {
  FileNames names;
  EXPECT_EQ(names.Make("conv"), "conv");
  EXPECT_EQ(names.Make("conv"), "conv_2");
  EXPECT_EQ(names.Make("Conv"), "Conv_3");
  EXPECT_EQ(names.Make("conv_2"), "conv_2_2");
}

TEST(FileNamesTest, NoNameIsLongerThanAFileSystemTakes) {
  FileNames names;
  EXPECT_EQ(names.Make(std::string(1000, 'x')).size(), 200u);
}

}  // namespace
}  // namespace convscope
