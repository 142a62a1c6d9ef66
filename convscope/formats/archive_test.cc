#include "convscope/formats/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/formats/npz.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Files = std::vector<std::pair<std::string, std::string>>;  // name, bytes

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "archive_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Write(const std::string& name, const Files& files) {
    const std::filesystem::path path = folder_ / name;
    archive* const writer = archive_write_new();
    if (name.ends_with(".tar.gz")) archive_write_add_filter_gzip(writer);
    if (name.ends_with(".npz") || name.ends_with(".zip")) {
      archive_write_set_format_zip(writer);
    } else {
      archive_write_set_format_ustar(writer);
    }
    archive_write_open_filename(writer, path.c_str());
    for (const auto& [file, bytes] : files) {
      archive_entry* const entry = archive_entry_new();
      archive_entry_set_pathname(entry, file.c_str());
      archive_entry_set_filetype(entry, file.ends_with("/") ? AE_IFDIR : AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
      archive_write_header(writer, entry);
      archive_write_data(writer, bytes.data(), bytes.size());
      archive_entry_free(entry);
    }
    EXPECT_EQ(archive_write_close(writer), ARCHIVE_OK);
    archive_write_free(writer);
    return path;
  }

  std::filesystem::path WriteBytes(const std::string& name, std::string_view bytes) {
    WriteFileAtomically(folder_ / name, {&bytes, 1});
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

Files ReadFiles(const std::filesystem::path& path, int64_t limit = 1 << 20) {
  Files files;
  ArchiveReader reader(path);
  while (reader.Next()) {
    const std::string name = reader.name();
    files.emplace_back(name, reader.Read(limit));
  }
  return files;
}

std::string ErrorOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// The bytes of an .npy file with the uint8 values 0, 1, 2, ...
std::string Npy(const std::string& shape, int count) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(117 - header.size(), ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST_F(ArchiveTest, FilesComeInTheirOrderWithTheirBytes) {
  const std::string large(300000, 'z');
  for (const char* name : {"a.zip", "a.tar", "a.tar.gz"}) {
    const Files files = ReadFiles(Write(name, {{"folder/", ""}, {"folder/b.bin", large}, {"a.txt", "hello"}}));
    EXPECT_THAT(files, ElementsAre(std::pair("folder/b.bin", large), std::pair("a.txt", "hello"))) << name;
  }
}

TEST_F(ArchiveTest, FilesThatAreNotReadAreSkipped) {
  ArchiveReader reader(Write("a.tar.gz", {{"one", std::string(100000, '1')}, {"two", "2"}}));
  ASSERT_TRUE(reader.Next());
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.Read(10), "2");
  EXPECT_FALSE(reader.Next());
}

TEST_F(ArchiveTest, RefusesWhatIsNoArchiveIsMissingOrIsTooLarge) {
  EXPECT_THAT(ErrorOf([&] { ReadFiles(folder_ / "none.zip"); }), HasSubstr("none.zip: the file must exist"));
  EXPECT_THAT(ErrorOf([&] { ReadFiles(folder_); }), HasSubstr("a folder"));
  EXPECT_NE(ErrorOf([&] { ReadFiles(WriteBytes("t.zip", "not an archive, not at all, no zip, no tar")); }), "no error");
  const auto path = Write("a.zip", {{"big", std::string(1000, 'b')}});
  EXPECT_THAT(ErrorOf([&] { ReadFiles(path, 999); }),
              HasSubstr("a.zip, big: a file of this kind may hold at most 999"));
}

TEST_F(ArchiveTest, RefusesWhatWasPackedToFillTheMemory) {
  // Each file is small enough, all together are far more than the archive.
  const std::string zeros(size_t{1} << 26, '\0');
  for (const char* name : {"bomb.zip", "bomb.tar.gz"}) {
    const auto path = Write(name, {{"a", zeros}, {"b", zeros}, {"c", zeros}, {"d", zeros}, {"e", zeros}});
    ArchiveReader reader(path);
    for (int file = 0; file < 4; ++file) {
      ASSERT_TRUE(reader.Next());
      EXPECT_EQ(reader.Read(1 << 26).size(), zeros.size());
    }
    ASSERT_TRUE(reader.Next());
    EXPECT_THAT(ErrorOf([&] { reader.Read(1 << 26); }), HasSubstr("e: what an archive holds is at most 128 times"));
  }
}

TEST_F(ArchiveTest, RefusesTruncatedAndDamagedArchives) {
  std::string noise;  // which does not compress
  for (uint32_t i = 0, x = 1; i < 20000; ++i) noise += static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
  for (const char* name : {"a.zip", "a.tar.gz"}) {
    const std::string whole = ReadFile(Write(name, {{"noise", noise}, {"end", "1"}}), 1 << 20);
    EXPECT_NE(ErrorOf([&] { ReadFiles(WriteBytes(name, whole.substr(0, whole.size() / 2))); }), "no error") << name;
    std::string damaged = whole;
    damaged[whole.size() / 2] ^= 8;
    EXPECT_NE(ErrorOf([&] { ReadFiles(WriteBytes(name, damaged)); }), "no error") << name;
  }
}

TEST_F(ArchiveTest, NpzGivesItsArraysByName) {
  const auto path =
      Write("a.npz", {{"x.npy", Npy("(2, 2)", 4)}, {"readme.txt", "no array"}, {"y.npy", Npy("(3,)", 3)}});
  const auto arrays = ReadNpz(path);
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays.at("x").shape(), (Shape{2, 2}));
  EXPECT_THAT(arrays.at("y").view<uint8_t>().span(), ElementsAre(0, 1, 2));
  EXPECT_EQ(ReadNpz(path, {"y"}).size(), 1u);
}

TEST_F(ArchiveTest, NpzSaysWhichArrayIsBad) {
  EXPECT_THAT(ErrorOf([&] {
                ReadNpz(Write("a.npz", {{"x.npy", Npy("(2, 3)", 4)}}));
              }),
              HasSubstr("a.npz, x: shape (2, 3) of type u1 must be followed by 6 bytes"));
  EXPECT_THAT(ErrorOf([&] {
                ReadNpz(Write("a.npz", {{"x.npy", Npy("(1,)", 1)}, {"x.npy", Npy("(1,)", 1)}}));
              }),
              HasSubstr("each array once"));
  const auto path = Write("b.npz", {{"x.npy", Npy("(100, 100)", 10000)}});
  EXPECT_THAT(ErrorOf([&] { ReadNpz(path, {}, {.elements = 9999}); }), HasSubstr("at most 9999 elements"));
  EXPECT_THAT(ErrorOf([&] { ReadNpz(path, {}, {.bytes = 500}); }), HasSubstr("at most 500 bytes"));
}

}  // namespace
}  // namespace convscope
