#include "convscope/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/output_folder.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// A new empty folder for each test.
class File : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("convscope_file_test_") + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
};

template <typename Body>
std::string ErrorOf(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void Write(const std::filesystem::path& path, std::string_view text) {
  const std::array<std::string_view, 1> pieces = {text};
  WriteFileAtomically(path, pieces);
}

TEST_F(File, WritesPiecesAndReadsThemBack) {
  const std::string large(300000, 'x');
  const std::array<std::string_view, 3> pieces = {"head\n", large, std::string_view("\0end", 4)};
  WriteFileAtomically(folder_ / "a.bin", pieces);
  EXPECT_EQ(ReadFile(folder_ / "a.bin", 1 << 20), "head\n" + large + std::string("\0end", 4));
  EXPECT_EQ(Names(), std::vector<std::string>{"a.bin"});
}

TEST_F(File, ReadsUpToTheLimitAndNoFurther) {
  Write(folder_ / "a", "12345");
  EXPECT_EQ(ReadFile(folder_ / "a", 5), "12345");
  EXPECT_THAT(ErrorOf([&] { ReadFile(folder_ / "a", 4); }),
              HasSubstr("a file of this kind may hold at most 4 bytes; received more"));
}

TEST(LowerCaseEnding, IsThatOfTheLastPartOfThePath) {
  EXPECT_EQ(LowerCaseEnding("folder.d/A.PNG"), ".png");
  EXPECT_EQ(LowerCaseEnding("a.tar.Gz"), ".gz");
  EXPECT_EQ(LowerCaseEnding("folder.d/name"), "");
  EXPECT_EQ(LowerCaseEnding(".PNG"), "");
}

TEST_F(File, NamesTheFileThatCannotBeRead) {
  const std::string text = ErrorOf([&] { ReadFile(folder_ / "absent.png", 10); });
  EXPECT_THAT(text, HasSubstr("absent.png: the file must exist and be readable; received No such file"));
  EXPECT_THAT(ErrorOf([&] { ReadFile(folder_, 10); }), HasSubstr("must be readable; received Is a directory"));
}

TEST_F(File, AFailedWriteLeavesTheOldFileAndNothingElse) {
  Write(folder_ / "a.txt", "old");
  EXPECT_THROW(WriteFileAtomically(folder_ / "a.txt",
                                   [](const std::filesystem::path& temporary) {
                                     std::ofstream(temporary) << "half of";
                                     throw std::runtime_error("interrupted");
                                   }),
               std::runtime_error);
  EXPECT_EQ(ReadFile(folder_ / "a.txt", 100), "old");
  EXPECT_EQ(Names(), std::vector<std::string>{"a.txt"});
}

TEST_F(File, ALinkStaysOneAndItsTargetIsReplaced) {
  std::filesystem::create_directory(folder_ / "there");
  Write(folder_ / "there" / "target", "old");
  std::filesystem::create_symlink("there/target", folder_ / "link");
  Write(folder_ / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  EXPECT_EQ(ReadFile(folder_ / "there" / "target", 10), "new");
}

TEST_F(File, AMissingFolderIsOneError) {
  EXPECT_THAT(ErrorOf([&] { Write(folder_ / "no" / "a.txt", "x"); }),
              HasSubstr("a.txt: the file must be writable; received No such file or directory"));
}

// A limit on the size of files stands for the full disk: write() fails midway in both.
TEST_F(File, AFullDiskIsOneErrorThatLeavesNothing) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string text = ErrorOf([&] { Write(folder_ / "a.txt", std::string(100000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(text, HasSubstr("a.txt: the whole file must fit on the disk; received File too large"));
  EXPECT_TRUE(Names().empty());
}

TEST_F(File, RemoveTemporaryFilesRemovesThoseThatAreOpen) {
  EXPECT_THROW(WriteFileAtomically(folder_ / "a.txt",
                                   [&](const std::filesystem::path& temporary) {
                                     std::ofstream(temporary) << "x";
                                     ASSERT_EQ(Names().size(), 1u);
                                     RemoveTemporaryFiles();
                                     EXPECT_TRUE(Names().empty());
                                   }),
               Error);  // the rename finds nothing
  EXPECT_TRUE(Names().empty());
}

TEST_F(File, RemoveTemporaryFilesRemovesTheFoldersThatAreStillEmpty) {
  const OutputFolder out(folder_ / "new" / "out");
  EXPECT_THROW(WriteFileAtomically(folder_ / "new" / "out" / "a.txt",
                                   [&](const std::filesystem::path& temporary) {
                                     std::ofstream(temporary) << "x";
                                     RemoveTemporaryFiles();
                                     EXPECT_TRUE(Names().empty());
                                   }),
               Error);
}

TEST_F(File, AnOutputFolderGoesAgainUnlessItIsUsed) {
  {
    const OutputFolder unused(folder_ / "new" / "unused");
    EXPECT_TRUE(std::filesystem::is_directory(folder_ / "new" / "unused"));
  }
  EXPECT_TRUE(Names().empty());
  {
    const OutputFolder used(folder_ / "used");
    Write(folder_ / "used" / "a", "x");
    RemoveTemporaryFiles();
  }
  EXPECT_EQ(ReadFile(folder_ / "used" / "a", 10), "x");
}

}  // namespace
}  // namespace convscope
