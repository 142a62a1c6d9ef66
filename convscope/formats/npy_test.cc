#include "convscope/formats/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <locale>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// The bytes of a file as NumPy lays them out.
std::string File(const std::string& dictionary, const std::string& data, int version = 1) {
  std::string header = dictionary;
  const size_t start = version == 1 ? 10 : 12;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes +=
      {static_cast<char>(version), '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  if (version > 1) bytes += {'\0', '\0'};
  return bytes + header + data;
}

std::string Dictionary(const std::string& type, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

template <typename T>
std::string Bytes(const std::vector<T>& values, bool big_endian = false) {
  std::string bytes;
  for (const T value : values) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    if (big_endian) std::reverse(raw, raw + sizeof value);
    bytes.append(raw, sizeof value);
  }
  return bytes;
}

template <typename T>
std::vector<T> Values(const Tensor& tensor) {
  const auto span = tensor.view<T>().span();
  return {span.begin(), span.end()};
}

std::string Complaint(const std::string& bytes, const NpyLimits& limits = {}) {
  try {
    ParseNpy(bytes, "a.npy", limits);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseNpy, KeepsTheTypesThatTensorsHave) {
  const auto parse = [](const char* type, const std::string& data) {
    return ParseNpy(File(Dictionary(type, "(2,)"), data), "a.npy");
  };
  EXPECT_EQ(Values<float>(parse("<f4", Bytes<float>({1.5f, -2}))), (std::vector<float>{1.5f, -2}));
  EXPECT_EQ(Values<double>(parse("<f8", Bytes<double>({0.1, 1e300}))), (std::vector<double>{0.1, 1e300}));
  EXPECT_EQ(Values<uint8_t>(parse("|u1", Bytes<uint8_t>({0, 255}))), (std::vector<uint8_t>{0, 255}));
  EXPECT_EQ(Values<int8_t>(parse("|i1", Bytes<int8_t>({-128, 127}))), (std::vector<int8_t>{-128, 127}));
  EXPECT_EQ(Values<int32_t>(parse("<i4", Bytes<int32_t>({-7, 1 << 30}))), (std::vector<int32_t>{-7, 1 << 30}));
  EXPECT_EQ(Values<int64_t>(parse("<i8", Bytes<int64_t>({-7, int64_t{1} << 40}))),
            (std::vector<int64_t>{-7, int64_t{1} << 40}));
  EXPECT_EQ(Values<bool>(parse("|b1", Bytes<uint8_t>({0, 2}))), (std::vector<bool>{false, true}));
}

TEST(ParseNpy, WidensTheOtherTypesWithoutLoss) {
  const auto parse = [](const char* type, const std::string& data, const char* shape) {
    return ParseNpy(File(Dictionary(type, shape), data), "a.npy");
  };
  EXPECT_EQ(Values<int32_t>(parse("<i2", Bytes<int16_t>({-32768, 5}), "(2,)")), (std::vector<int32_t>{-32768, 5}));
  EXPECT_EQ(Values<int32_t>(parse("<u2", Bytes<uint16_t>({65535}), "(1,)")), (std::vector<int32_t>{65535}));
  EXPECT_EQ(Values<int64_t>(parse("<u4", Bytes<uint32_t>({4294967295u}), "(1,)")), (std::vector<int64_t>{4294967295}));
  // One, -2, the smallest normal and subnormal, the largest, infinity, NaN of IEEE 754 binary16.
  const std::vector<float> halves =
      Values<float>(parse("<f2", Bytes<uint16_t>({0x3c00, 0xc000, 0x0400, 0x0001, 0x7bff, 0xfc00, 0x7e00}), "(7,)"));
  EXPECT_EQ((std::vector<float>(halves.begin(), halves.begin() + 6)),
            (std::vector<float>{1, -2, 0x1p-14f, 0x1p-24f, 65504, -INFINITY}));
  EXPECT_TRUE(std::isnan(halves[6]));
}

TEST(ParseNpy, ReadsBigEndianAndFortranOrder) {
  const Tensor big = ParseNpy(File(Dictionary(">i4", "(2, 1)"), Bytes<int32_t>({1, -2}, true)), "a.npy");
  EXPECT_EQ(Values<int32_t>(big), (std::vector<int32_t>{1, -2}));
  const Tensor columns = ParseNpy(File(Dictionary("<f4", "(2, 3)", "True"), Bytes<float>({1, 4, 2, 5, 3, 6})), "a.npy");
  EXPECT_EQ(columns.shape(), (Shape{2, 3}));
  EXPECT_EQ(Values<float>(columns), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  // numpy.asfortranarray(numpy.arange(8).reshape(2, 2, 2)), big endian.
  const Tensor both =
      ParseNpy(File(Dictionary(">f8", "(2, 2, 2)", "True"), Bytes<double>({0, 4, 2, 6, 1, 5, 3, 7}, true)), "a.npy");
  EXPECT_EQ(Values<double>(both), (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(ParseNpy, ReadsVersionsOneToThreeAndHeadersInAnyOrder) {
  for (const int version : {1, 2, 3}) {
    EXPECT_EQ(ParseNpy(File(Dictionary("<f4", "(1,)"), Bytes<float>({3}), version), "a.npy").data()[0], 3) << version;
  }
  EXPECT_EQ(
      ParseNpy(File("{\"shape\": (1, 1), 'fortran_order': False, 'descr': '<f4'}", Bytes<float>({3})), "a.npy").shape(),
      (Shape{1, 1}));
}

TEST(ParseNpy, ReadsScalarsAndEmptyArrays) {
  EXPECT_EQ(ParseNpy(File(Dictionary("<f4", "()"), Bytes<float>({3})), "a.npy").shape(), Shape());
  EXPECT_EQ(ParseNpy(File(Dictionary("<f4", "(3, 0)"), ""), "a.npy").shape(), (Shape{3, 0}));
}

TEST(ParseNpyErrors, SayWhatTheFileHoldsInstead) {
  EXPECT_THAT(Complaint(""), HasSubstr("a.npy: an .npy file must begin with \\x93NUMPY; received an empty file"));
  EXPECT_THAT(Complaint("PK\x03\x04 and so on"), HasSubstr("received other bytes"));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(1,)"), "", 4)),
              HasSubstr("version of an .npy file must be 1, 2 or 3"));
  EXPECT_THAT(Complaint(File(Dictionary("<c8", "(1,)"), "12345678")), HasSubstr("received \"c8\""));
  EXPECT_THAT(Complaint(File(Dictionary("|O", "(1,)"), "12345678")), HasSubstr("received \"O\""));
  EXPECT_THAT(Complaint(File("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234")),
              HasSubstr("arrays of records are not read"));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(2,)"), Bytes<float>({1}))),
              HasSubstr("shape (2,) of type f4 must be followed by 8 bytes; received 4"));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(1,)"), Bytes<float>({1, 2}))), HasSubstr("4 bytes; received 8"));
  EXPECT_THAT(Complaint(File("{'descr': '<f4', 'shape': (1,)}", "1234")), HasSubstr("only some of them"));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(1, -1)"), "")), HasSubstr("a length here"));
}

TEST(ParseNpyErrors, LyingSizesAreRefusedBeforeMemoryIsAllocated) {
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(1000000, 1000000)"), "")), HasSubstr("a.npy: "));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(4294967296, 4294967296, 4294967296)"), "")), HasSubstr("a.npy: "));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(99999999999999999999999,)"), "")), HasSubstr("a.npy: "));
  EXPECT_THAT(Complaint(File(Dictionary("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "1234")), HasSubstr("a.npy: "));
  EXPECT_THAT(Complaint(File(Dictionary("|u1", "(11,)"), "12345678901"), {.elements = 10}),
              HasSubstr("an array may have at most 10 elements; received shape (11,)"));
}

TEST(ParseNpyErrors, EveryTruncationIsAnError) {
  const std::string bytes = File(Dictionary("<f4", "(2, 2)"), Bytes<float>({1, 2, 3, 4}));
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(ParseNpy(bytes.substr(0, length), "a.npy"), Error) << length;
  }
}

TEST(ParseNpyErrors, AnyFlippedBitIsAnArrayOrAnError) {
  const std::string bytes = File(Dictionary(">f2", "(2, 3)", "True"), Bytes<uint16_t>({1, 2, 3, 4, 5, 6}), 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
      try {
        EXPECT_LE(ParseNpy(damaged, "a.npy").size(), 6);
      } catch (const Error&) {
      }
    }
  }
}

class NpyFile : public ::testing::Test {
 protected:
  // One file a test: ctest runs them side by side.
  NpyFile()
      : path_(std::filesystem::path(::testing::TempDir()) /
              (std::string("convscope_npy_") + ::testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~NpyFile() override { std::filesystem::remove(path_); }
  const std::filesystem::path path_;
};

TEST_F(NpyFile, ComesBackAsItWasWritten) {
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{1, 2, 3, 4}, Shape{0, 3}}) {
    for (const DType dtype :
         {DType::kFloat32, DType::kFloat64, DType::kUInt8, DType::kInt8, DType::kInt32, DType::kInt64, DType::kBool}) {
      Tensor array(shape, dtype);
      for (int64_t i = 0; i < array.SizeInBytes(); ++i) array.bytes()[i] = std::byte(i % 2);
      WriteNpy(array, path_);
      const Tensor back = ReadNpy(path_);
      EXPECT_EQ(back.shape(), shape);
      EXPECT_EQ(back.dtype(), dtype);
      EXPECT_EQ(std::memcmp(back.bytes(), array.bytes(), static_cast<size_t>(array.SizeInBytes())), 0);
    }
  }
}

TEST_F(NpyFile, IsLaidOutAsNumPyDoes) {
  WriteNpy(Tensor::Of({1, 2}, {1, 2}).view(), path_);
  const std::string expected = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  const std::string bytes = ReadFile(path_, 1000);
  EXPECT_EQ(bytes.substr(10, expected.size()), expected);
  EXPECT_EQ(bytes, File(expected, Bytes<float>({1, 2})));
  EXPECT_EQ(bytes.size(), 128 + 8u);
  WriteNpy(Tensor::Of({1}, {1}), path_);
  EXPECT_THAT(ReadFile(path_, 1000), HasSubstr("'shape': (1,), }"));
}

// Groups digits by threes, as many locales do.
class Grouping : public std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST_F(NpyFile, HasTheSameHeaderWhateverTheGlobalLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale(), new Grouping));
  WriteNpy(Tensor::Zeros({1, 12345}), path_);
  std::locale::global(before);
  EXPECT_THAT(ReadFile(path_, 1 << 20), HasSubstr("'shape': (1, 12345)"));
}

TEST(ReadNpy, NamesAFileThatIsNotThere) {
  try {
    ReadNpy("no/such.npy");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no/such.npy: "));
  }
}

}  // namespace
}  // namespace convscope
