#include "convscope/formats/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

namespace convscope {
namespace {

using testing::HasSubstr;

std::string Pack(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// What a packed text unpacks to, read `piece` bytes at a time; the error's text where there is one.
std::string Unpack(const std::string& packed, size_t piece) {
  GzipSource source(std::make_unique<MemorySource>(packed), "file.gz");
  std::string all, part(piece, '\0');
  try {
    size_t got;
    do {
      EXPECT_GE(source.MostBytes(), 0);
      got = source.Read(std::as_writable_bytes(std::span(part)));
      all.append(part, 0, got);
    } while (got == piece);
  } catch (const Error& error) {
    return error.what();
  }
  return all;
}

std::string Text() {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919 % 1009);
  return text;
}

TEST(GzipSource, UnpacksInPiecesOfAnySize) {
  for (const size_t piece : {1u, 7u, 1000u, 1u << 20}) EXPECT_EQ(Unpack(Pack(Text()), piece), Text());
  EXPECT_EQ(Unpack(Pack(""), 10), "");
}

TEST(GzipSource, UnpacksMembersOneAfterTheOther) {
  EXPECT_EQ(Unpack(Pack("one ") + Pack("") + Pack("two"), 5), "one two");
}

TEST(GzipSource, RefusesATruncatedFileWhereverItEnds) {
  const std::string packed = Pack(Text());
  for (size_t length : {size_t{0}, size_t{1}, size_t{9}, size_t{200}, packed.size() / 2, packed.size() - 9,
                        packed.size() - 8, packed.size() - 1}) {
    EXPECT_THAT(Unpack(packed.substr(0, length), 1 << 20), HasSubstr("file.gz: a gzip file must be whole")) << length;
  }
}

TEST(GzipSource, RefusesDamage) {
  const std::string packed = Pack(Text());
  for (size_t i = packed.size() / 2; i < packed.size(); i += packed.size() / 50) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 16);
    EXPECT_THAT(Unpack(damaged, 1 << 20), HasSubstr("whole and undamaged")) << i;
  }
  std::string checksum = packed;
  checksum[packed.size() - 6] ^= 1;
  EXPECT_THAT(Unpack(checksum, 1 << 20), HasSubstr("incorrect data check"));
  EXPECT_THAT(Unpack(packed + "and more", 1 << 20), HasSubstr("incorrect header check"));
}

TEST(GzipSource, BoundsWhatCanStillCome) {
  const std::string zeroes(1 << 22, '\0');
  const std::string packed = Pack(zeroes);
  GzipSource source(std::make_unique<MemorySource>(packed), "");
  EXPECT_GE(source.MostBytes(), static_cast<int64_t>(zeroes.size()));
  EXPECT_LE(source.MostBytes(), 1032 * (static_cast<int64_t>(packed.size()) + 5));
  std::string part(1000, '\0');
  for (size_t left = zeroes.size(); left >= part.size(); left -= part.size()) {
    EXPECT_GE(source.MostBytes(), static_cast<int64_t>(left));
    source.Read(std::as_writable_bytes(std::span(part)));
  }
}

TEST(OpenPlainOrGzip, LooksAtTheBytesNotAtTheName) {
  const std::filesystem::path path = testing::TempDir() + "gzip_test.idx";
  for (const std::string& bytes : {std::string("plain text"), Pack("plain text")}) {
    const std::string_view piece = bytes;
    WriteFileAtomically(path, {&piece, 1});
    std::string read(100, '\0');
    read.resize(OpenPlainOrGzip(path)->Read(std::as_writable_bytes(std::span(read))));
    EXPECT_EQ(read, "plain text");
  }
  std::filesystem::remove(path);
  EXPECT_THROW(OpenPlainOrGzip(path), Error);
}

TEST(Gzip, UnpacksToWhatWasPacked) {
  for (const size_t length : {0, 1, 1000, 300000}) {
    std::string bytes(length, 'a');
    for (size_t i = 0; i < length; i += 3) bytes[i] = static_cast<char>(i * i % 251);
    EXPECT_EQ(Unpack(Gzip(bytes), 1 << 16), bytes);
  }
}

}  // namespace
}  // namespace convscope
