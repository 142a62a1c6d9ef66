#include "convscope/formats/md5.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "convscope/base/file.h"

namespace convscope {
namespace {

std::string Md5Of(std::string_view text, size_t piece) {
  Md5 md5;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    md5.Add(std::as_bytes(std::span(text)).first(std::min(piece, text.size())));
  }
  return md5.Hex();
}

// The test suite of RFC 1321, appendix A.5.
TEST(Md5, GivesTheDigestsOfTheStandard) {
  const std::pair<const char*, const char*> suite[] = {
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"}};
  for (const auto& [text, digest] : suite) {
    for (const size_t piece : {1u, 3u, 63u, 64u, 65u, 1000u}) EXPECT_EQ(Md5Of(text, piece), digest);
  }
}

// Lengths around a block's end, where the padding needs one block or two; all pieces give one digest.
TEST(Md5, DoesNotDependOnThePieces) {
  for (size_t length = 50; length < 140; ++length) {
    const std::string text(length, 'x');
    const std::string whole = Md5Of(text, 1000);
    for (const size_t piece : {1u, 7u, 64u}) EXPECT_EQ(Md5Of(text, piece), whole) << length;
  }
  // What md5sum prints for 55, 56 and 64 times the letter x.
  EXPECT_EQ(Md5Of(std::string(55, 'x'), 64), "04364420e25c512fd958a70738aa8f72");
  EXPECT_EQ(Md5Of(std::string(56, 'x'), 64), "668a72d5ba17f08e62dabcafad6db14b");
  EXPECT_EQ(Md5Of(std::string(64, 'x'), 64), "c1bb4f81d892b2d57947682aeb252456");
}

TEST(Md5OfFile, IsThatOfItsBytes) {
  const std::filesystem::path path = testing::TempDir() + "md5_test.bin";
  const std::string bytes(1000003, 'y');
  const std::string_view piece = bytes;
  WriteFileAtomically(path, {&piece, 1});
  EXPECT_EQ(Md5OfFile(path), Md5Of(bytes, 4096));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace convscope
