#include "convscope/base/byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

namespace convscope {
namespace {

using testing::HasSubstr;

std::string ReadInPieces(ByteSource& source, size_t piece) {
  std::string all;
  std::string part(piece, '\0');
  size_t got;
  do {
    got = source.Read(std::as_writable_bytes(std::span(part)));
    all.append(part, 0, got);
  } while (got == piece);
  return all;
}

TEST(ByteSource, MemoryAndFilesGiveTheSameBytesInPiecesOfAnySize) {
  const std::string bytes = "the quick brown fox";
  const std::filesystem::path path = testing::TempDir() + "byte_source_test.bin";
  const std::string_view piece = bytes;
  WriteFileAtomically(path, {&piece, 1});
  for (size_t size = 1; size < 25; ++size) {
    MemorySource memory(bytes);
    FileSource file(path);
    EXPECT_EQ(ReadInPieces(memory, size), bytes);
    EXPECT_EQ(ReadInPieces(file, size), bytes);
  }
  std::filesystem::remove(path);
}

TEST(ByteSource, TellsHowManyBytesCanStillCome) {
  MemorySource memory("12345");
  EXPECT_EQ(memory.MostBytes(), 5);
  std::array<std::byte, 2> two;
  memory.Read(two);
  EXPECT_EQ(memory.MostBytes(), 3);
}

TEST(ByteSource, RefusesMissingFilesAndFolders) {
  const auto refused = [](const std::filesystem::path& path, const char* says) {
    try {
      FileSource source(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  };
  refused(testing::TempDir() + "no_such_file", "must exist");
  refused(testing::TempDir(), "a folder");
}

}  // namespace
}  // namespace convscope
